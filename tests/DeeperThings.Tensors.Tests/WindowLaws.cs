using DeeperThings.Tensors;

namespace DeeperThings.Tensors.Tests;

public sealed class WindowLaws
{
    [Fact]
    public void Receptive_field_is_the_hull_of_what_each_output_reads()
    {
        var random = new Random(2);
        for (int i = 0; i < 2000; i++)
        {
            var window = new Window(random.Next(1, 6), random.Next(1, 4), random.Next(1, 3), random.Next(3), random.Next(3));
            int start = random.Next(10);
            var output = new Interval(start, start + random.Next(1, 6));
            Interval expected = default;
            for (int position = output.Start; position < output.End; position++)
            {
                for (int tap = 0; tap < window.Size; tap++)
                {
                    int read = (position * window.Stride) - window.PadBefore + (tap * window.Dilation);
                    expected = expected.Hull(new(read, read + 1));
                }
            }

            Assert.Equal(expected, window.ReceptiveField(output));
        }
    }

    [Fact]
    public void Output_length_is_the_number_of_windows_that_fit_into_the_padded_input()
    {
        var random = new Random(3);
        for (int i = 0; i < 2000; i++)
        {
            var window = new Window(random.Next(1, 6), random.Next(1, 4), random.Next(1, 3), random.Next(3), random.Next(3));
            int input = random.Next(1, 30);
            int fitting = 0;
            while ((fitting * window.Stride) + window.Extent <= input + window.PadBefore + window.PadAfter)
            {
                fitting++;
            }

            Assert.Equal(fitting, window.OutputLength(input));
        }
    }

    [Fact]
    public void Nothing_is_read_for_no_output() => Assert.True(new Window(3, 2, 1, 1, 1).ReceptiveField(new(4, 4)).IsEmpty);
}
