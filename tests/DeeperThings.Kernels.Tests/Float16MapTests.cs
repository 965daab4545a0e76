using DeeperThings.Tensors;

namespace DeeperThings.Kernels.Tests;

public class Float16MapTests
{
    [Fact]
    [Trait("run", "again")]
    public void Values_are_rounded_as_the_runtime_rounds_one()
    {
        float[] values =
        [
            .. Enumerable.Range(0, 1 << 16).Select(bits => (float)BitConverter.UInt16BitsToHalf((ushort)bits)).Where(value => !float.IsNaN(value)),
            .. TestData.Values(1, 20000),
            .. TestData.Values(2, 20000, 1e-5f),
            .. TestData.Values(3, 20000, 1e5f),
            .. Enumerable.Range(0, 1 << 16).Select(i => BitConverter.Int32BitsToSingle(i * 65521)).Where(value => !float.IsNaN(value)),
        ];
        using var memory = new GuardedMemory();
        var shape = new Shape(1, 1, values.Length);
        FeatureMap map = memory.Copy(values, shape, Region.Whole(shape));
        Float16Map.Round(map, Region.Whole(shape));
        for (int i = 0; i < values.Length; i++)
        {
            Assert.Equal(BitConverter.SingleToInt32Bits((float)(Half)values[i]), BitConverter.SingleToInt32Bits(map.Memory.Span[i]));
        }
    }

    [Fact]
    public void Regions_packed_one_behind_another_are_unpacked_to_their_places_and_nothing_else_is_written()
    {
        var random = new Random(5);
        for (int problem = 0; problem < 200; problem++)
        {
            var shape = new Shape(random.Next(1, 5), random.Next(1, 9), random.Next(1, 40));
            Region[] pieces = [.. Enumerable.Range(0, 3).Select(_ => new Region(Part(shape.Channels), Part(shape.Rows), Part(shape.Columns)))];
            using var memory = new GuardedMemory();
            float[] values = TestData.Values(problem, shape.Count);
            FeatureMap source = memory.Copy(values, shape, Region.Whole(shape));
            NativeBuffer message = memory.Allocate(ElementType.Float16.Room(pieces.Sum(piece => piece.Count)));
            var target = new FeatureMap(memory.Allocate(shape.Count), Region.Whole(shape));
            target.Memory.Span.Fill(7);
            long start = 0;
            foreach (Region piece in pieces)
            {
                Float16Map.Pack(source, piece, message, start);
                start += piece.Count;
            }

            start = 0;
            foreach (Region piece in pieces)
            {
                Float16Map.Unpack(message, start, target, piece);
                start += piece.Count;
            }

            for (int i = 0; i < values.Length; i++)
            {
                (int channel, int rest) = Math.DivRem(i, shape.Rows * shape.Columns);
                (int row, int column) = Math.DivRem(rest, shape.Columns);
                bool moved = pieces.Any(piece => piece.Channels.Contains(channel) && piece.Rows.Contains(row) && piece.Columns.Contains(column));
                Assert.Equal(moved ? (float)(Half)values[i] : 7, target.Memory.Span[i]);
            }
        }

        Interval Part(int length)
        {
            int start = random.Next(length);
            return new(start, random.Next(start, length + 1));
        }
    }
}
