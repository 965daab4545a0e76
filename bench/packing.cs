#:project ../src/DeeperThings.Tensors/DeeperThings.Tensors.csproj
#:property AllowUnsafeBlocks=true
#:property TieredCompilation=false
// What it takes to pack a row of a piece of a map into a message: a copy of each row by a call of its own, and FeatureMap.CopyTo.
//   dotnet run -c Release bench/packing.cs
// The two take turns; fastest of 200 turns each, one core, map and message in the second-level cache where they fit.
using System.Diagnostics;
using DeeperThings.Tensors;

const int Turns = 200;
const int Copies = 20;

Console.WriteLine("| map | columns of the piece | ns a row, a call each | CopyTo | times faster |");
Console.WriteLine("| --- | --- | --- | --- | --- |");
foreach ((Shape shape, int columns) in new[]
{
    (new Shape(64, 13, 13), 1), (new(64, 13, 13), 6), (new(64, 13, 13), 11), (new(256, 19, 19), 7), (new(1024, 13, 13), 1),
    (new(64, 26, 26), 20), (new(64, 76, 76), 38), (new(256, 30, 56), 54),
})
{
    Region stored = Region.Whole(shape);
    Region piece = stored with { Columns = new(0, columns) };
    using var arena = new Arena(Arena.Align(stored.Bytes) + Arena.Align(piece.Bytes));
    FeatureMap map = arena.FeatureMap(0, stored);
    FeatureMap message = arena.FeatureMap(Arena.Align(stored.Bytes), piece);
    (double calls, double vectors) = (double.PositiveInfinity, double.PositiveInfinity);
    for (int turn = 0; turn < Turns; turn++)
    {
        calls = Math.Min(calls, Seconds(() => CopyRows(map, message)));
        vectors = Math.Min(vectors, Seconds(() => map.CopyTo(message, piece)));
    }

    double rows = shape.Channels * (double)shape.Rows;
    Console.WriteLine($"| {shape} | {columns} | {calls * 1e9 / rows:F1} | {vectors * 1e9 / rows:F1} | {calls / vectors:F1} |");
}

static double Seconds(Action copy)
{
    long begin = Stopwatch.GetTimestamp();
    for (int i = 0; i < Copies; i++)
    {
        copy();
    }

    return Stopwatch.GetElapsedTime(begin).TotalSeconds / Copies;
}

static unsafe void CopyRows(FeatureMap map, FeatureMap message)
{
    Region piece = message.Region;
    long bytes = (long)piece.Columns.Length * sizeof(float);
    for (int channel = piece.Channels.Start; channel < piece.Channels.End; channel++)
    {
        for (int row = piece.Rows.Start; row < piece.Rows.End; row++)
        {
            Buffer.MemoryCopy(map.At(channel, row, piece.Columns.Start), message.At(channel, row, piece.Columns.Start), bytes, bytes);
        }
    }
}
