namespace DeeperThings.Kernels.Tests;

internal static class Bits
{
    public static void Equal(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, object? about = null)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            if (BitConverter.SingleToInt32Bits(expected[i]) != BitConverter.SingleToInt32Bits(actual[i]))
            {
                Assert.Fail($"{about}: element {i} is {actual[i]:R}, not {expected[i]:R}");
            }
        }
    }

    public static void Near(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, float tolerance, object? about = null)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            if (!(Math.Abs(expected[i] - actual[i]) <= tolerance))
            {
                Assert.Fail($"{about}: element {i} is {actual[i]:R}, not within {tolerance:R} of {expected[i]:R}");
            }
        }
    }
}
