using DeeperThings.Tensors;

namespace DeeperThings.Tensors.Tests;

public sealed unsafe class FloatRunLaws
{
    [Fact]
    public void Copying_moves_the_run_alone_whether_or_not_it_overlaps_its_target()
    {
        const int Longest = 70;
        const int Room = 3 * Longest;
        float[] memory = new float[Room];
        float[] expected = new float[Room];
        for (int count = 0; count <= Longest; count++)
        {
            for (int distance = -Longest; distance <= Longest; distance++)
            {
                for (int i = 0; i < Room; i++)
                {
                    memory[i] = expected[i] = i + 1;
                }

                Array.Copy(expected, Longest, expected, Longest + distance, count);
                fixed (float* start = memory)
                {
                    FloatRun.Copy(start + Longest, start + Longest + distance, count);
                }

                Assert.Equal(expected, memory);
            }
        }
    }
}
