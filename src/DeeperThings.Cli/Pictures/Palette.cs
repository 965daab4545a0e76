namespace DeeperThings.Cli.Pictures;

/// <summary>Colours of ranks and lines, which people who see few colours can tell apart (after Okabe and Ito), on light and on dark.</summary>
internal static class Palette
{
    private static readonly string[] s_colours =
        ["#2f81d6", "#e08a00", "#1a9e73", "#c061a0", "#d9531e", "#56b4e9", "#8c8c00", "#7d8590", "#5e9fca", "#f2b766", "#66c5ab", "#e0afca"];

    public static string Of(int number) => s_colours[number % s_colours.Length];
}
