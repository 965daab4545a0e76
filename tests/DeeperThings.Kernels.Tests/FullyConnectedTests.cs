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

    private static float[] Run(
        Interval outputs, Interval inputs, int allOutputs, int allInputs, KernelVariant variant, WorkerPool pool, bool guardFront = false, bool finish = true)
    {
        using var memory = new GuardedMemory(guardFront);
        float[] weights = TestData.Values(1, (long)allOutputs * allInputs);
        NativeBuffer packed = memory.Allocate(FullyConnected.PackedCount(outputs, inputs));
        for (int output = outputs.Start; output < outputs.End; output++)
        {
            FullyConnected.PackRow(outputs, inputs, output, weights.AsSpan((output * allInputs) + inputs.Start, inputs.Length), packed);
        }

        NativeBuffer input = memory.Copy(TestData.Values(2, allInputs).AsSpan(inputs.Start, inputs.Length));
        NativeBuffer bias = finish ? memory.Copy(TestData.Values(3, allOutputs).AsSpan(outputs.Start, outputs.Length)) : default;
        NativeBuffer result = memory.Allocate(outputs.Length);
        NativeBuffer scratch = memory.Allocate(FullyConnected.ScratchCount(outputs, inputs));
        FullyConnected.Run(input, inputs, packed, bias, finish ? Activation.Leaky : Activation.Linear, result, outputs, scratch, pool, variant);
        return result.Span.ToArray();
    }
}
