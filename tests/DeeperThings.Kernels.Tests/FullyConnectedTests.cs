using DeeperThings.Tensors;

namespace DeeperThings.Kernels.Tests;

public class FullyConnectedTests
{
    [Theory]
    [Trait("run", "again")]
    [MemberData(nameof(Variants.Names), MemberType = typeof(Variants))]
    public void Every_variant_computes_what_the_naive_loops_compute(string name)
    {
        using var pool = new WorkerPool(2);
        for (int inputs = 1; inputs <= 256; inputs += inputs < 70 ? 1 : 37)
        {
            int outputs = (inputs % 41) + 1;
            float[] expected = Run(new(0, outputs), new(0, inputs), outputs, inputs, Variants.Reference, pool);
            Bits.Near(expected, Run(new(0, outputs), new(0, inputs), outputs, inputs, Variants.Get(name), pool), 1e-6f * (inputs + 4));
        }
    }

    [Fact]
    [Trait("run", "again")]
    public void Variants_outputs_and_threads_agree_bitwise()
    {
        using var one = new WorkerPool(1);
        using var three = new WorkerPool(3);
        foreach (int inputs in new[] { 1, 15, 16, 17, 100, 1003 })
        {
            const int Outputs = 75;
            float[] whole = Run(new(0, Outputs), new(0, inputs), Outputs, inputs, KernelVariant.Current, one);
            Bits.Equal(whole, Run(new(0, Outputs), new(0, inputs), Outputs, inputs, KernelVariant.Current, three));
            foreach (KernelVariant variant in Variants.Fast)
            {
                for (int parts = 1; parts <= 7; parts++)
                {
                    float[] shards = [.. TestData.Split(Outputs, parts).SelectMany(shard => Run(shard, new(0, inputs), Outputs, inputs, variant, one, guardFront: true))];
                    Bits.Equal(whole, shards, variant);
                }
            }
        }
    }

    [Fact]
    public void Partial_sums_over_inputs_add_up_to_the_whole()
    {
        using var pool = new WorkerPool(1);
        const int Inputs = 333;
        const int Outputs = 12;
        float[] whole = Run(new(0, Outputs), new(0, Inputs), Outputs, Inputs, KernelVariant.Current, pool, finish: false);
        for (int parts = 2; parts <= 7; parts++)
        {
            var sum = new float[Outputs];
            foreach (Interval inputs in TestData.Split(Inputs, parts))
            {
                float[] part = Run(new(0, Outputs), inputs, Outputs, Inputs, KernelVariant.Current, pool, finish: false);
                sum = [.. sum.Zip(part, (x, y) => x + y)];
            }

            Bits.Near(whole, sum, 1e-6f * Inputs);
        }
    }

    [Fact]
    [Trait("run", "again")]
    public void Float16_weights_give_the_bits_of_the_rounded_ones()
    {
        using var pool = new WorkerPool(1);
        foreach (int inputs in new[] { 1, 3, 15, 16, 17, 100, 1003 })
        {
            foreach (KernelVariant variant in Variants.Fast.Append(Variants.Reference))
            {
                float[] expected = Run(new(3, 75), new(0, inputs), 80, inputs, variant, pool, round: true);
                Bits.Equal(expected, Run(new(3, 75), new(0, inputs), 80, inputs, variant, pool, type: ElementType.Float16), variant);
            }
        }
    }

    [Fact]
    [Trait("run", "again")]
    public void Every_finite_half_is_expanded_to_its_value_in_every_lane()
    {
        const int Lanes = 16;
        using var pool = new WorkerPool(1);
        float[] halves = [.. Enumerable.Range(0, 1 << 16).Select(bits => (float)BitConverter.UInt16BitsToHalf((ushort)bits)).Where(float.IsFinite)];
        Assert.Equal(63488, halves.Length);
        Interval inputs = Interval.All(Lanes);
        Interval outputs = Interval.All(halves.Length / Lanes);
        using var memory = new GuardedMemory();
        NativeBuffer packed = memory.Allocate(FullyConnected.PackedCount(outputs, inputs, ElementType.Float16));
        Assert.Equal(halves.Length / 2, packed.Count);
        for (int output = 0; output < outputs.Length; output++)
        {
            FullyConnected.PackRow(outputs, inputs, output, halves.AsSpan(output * Lanes, Lanes), packed, ElementType.Float16);
        }

        NativeBuffer result = memory.Allocate(outputs.Length);
        foreach (KernelVariant variant in Variants.Fast.Append(Variants.Reference))
        {
            for (int lane = 0; lane < Lanes; lane++)
            {
                NativeBuffer input = memory.Copy([.. Enumerable.Range(0, Lanes).Select(i => i == lane ? 1f : 0f)]);
                var arguments = new FullyConnectedArguments { Inputs = inputs, Input = input, Packed = packed, WeightType = ElementType.Float16, Outputs = outputs, Output = result };
                FullyConnected.Run(arguments, pool, variant);
                for (int output = 0; output < outputs.Length; output++)
                {
                    Assert.Equal(halves[(output * Lanes) + lane], result.Span[output]);
                }
            }
        }
    }

    private static float[] Run(
        Interval outputs,
        Interval inputs,
        int allOutputs,
        int allInputs,
        KernelVariant variant,
        WorkerPool pool,
        bool guardFront = false,
        bool finish = true,
        ElementType type = ElementType.Float32,
        bool round = false)
    {
        using var memory = new GuardedMemory(guardFront);
        float[] weights = TestData.Values(1, (long)allOutputs * allInputs);
        weights = round ? [.. weights.Select(weight => (float)(Half)weight)] : weights;
        NativeBuffer packed = memory.Allocate(FullyConnected.PackedCount(outputs, inputs, type));
        for (int output = outputs.Start; output < outputs.End; output++)
        {
            FullyConnected.PackRow(outputs, inputs, output, weights.AsSpan((output * allInputs) + inputs.Start, inputs.Length), packed, type);
        }

        NativeBuffer result = memory.Allocate(outputs.Length);
        var arguments = new FullyConnectedArguments
        {
            Inputs = inputs,
            Input = memory.Copy(TestData.Values(2, allInputs).AsSpan(inputs.Start, inputs.Length)),
            Packed = packed,
            WeightType = type,
            Bias = finish ? memory.Copy(TestData.Values(3, allOutputs).AsSpan(outputs.Start, outputs.Length)) : default,
            Activation = finish ? Activation.Leaky : Activation.Linear,
            Outputs = outputs,
            Output = result,
        };
        FullyConnected.Run(arguments, pool, variant);
        return result.Span.ToArray();
    }
}
