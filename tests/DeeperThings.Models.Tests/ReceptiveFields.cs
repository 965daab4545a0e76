using DeeperThings.Tensors;

namespace DeeperThings.Models.Tests;

/// <summary>
/// What an output element reads, enumerated element by element from the definition of each layer, lies in its receptive field; and the field of a region is the
/// smallest box around what its elements read.
/// </summary>
public class ReceptiveFields
{
    private const string Conv = "[convolutional]\nfilters=8\nsize=3\npad=1\nactivation=leaky\n";

    private static readonly Dictionary<string, string> s_layers = new()
    {
        ["conv"] = "[convolutional]\nfilters=4\nsize=3\nstride=2\npad=1",
        ["conv-valid"] = "[convolutional]\nfilters=4\nsize=4\nstride=3",
        ["conv-1x1"] = "[convolutional]\nfilters=4\nsize=1\nstride=2",
        ["conv-groups"] = "[convolutional]\nfilters=8\nsize=3\n[convolutional]\nfilters=12\ngroups=4\nsize=5\npad=1",
        ["connected"] = "[connected]\noutput=5",
        ["local"] = "[local]\nfilters=3\nsize=3\nstride=2\npad=1",
        ["maxpool"] = "[maxpool]\nsize=2\nstride=2",
        ["maxpool-3"] = "[maxpool]\nsize=3\nstride=2",
        ["maxpool-4"] = "[maxpool]\nsize=4\nstride=1",
        ["avgpool"] = "[avgpool]",
        ["route"] = Conv + Conv + "[route]\nlayers=-1,0",
        ["route-groups"] = Conv + Conv + "[route]\nlayers=-1,0\ngroups=2\ngroup_id=1",
        ["shortcut"] = Conv + Conv + "[shortcut]\nfrom=0",
        ["shortcut-larger"] = Conv + "[convolutional]\nfilters=5\nsize=3\nstride=3\npad=1\n[shortcut]\nfrom=0",
        ["shortcut-smaller"] = "[convolutional]\nfilters=5\nsize=3\nstride=3\npad=1\n[upsample]\nstride=2\n[shortcut]\nfrom=0",
        ["shortcut-slightly-smaller"] = Conv + "[convolutional]\nfilters=6\nsize=3\n[route]\nlayers=0\n[shortcut]\nfrom=1",
        ["reorg"] = "[convolutional]\nfilters=8\nsize=2\n[reorg]\nstride=2",
        ["upsample"] = Conv + "[upsample]\nstride=3",
        ["crop"] = "[crop]\ncrop_width=8\ncrop_height=6",
        ["dropout"] = Conv + "[dropout]",
        ["softmax"] = "[softmax]\ngroups=3",
    };

    public static TheoryData<string> Layers => [.. s_layers.Keys];

    [Theory]
    [MemberData(nameof(Layers))]
    public void An_element_reads_nothing_outside_its_receptive_field(string name)
    {
        using var files = new TestFiles();
        Layer layer = files.Load(s_layers[name]).Layers[^1];
        foreach (Region element in Elements(layer.Output))
        {
            for (int input = 0; input < layer.Inputs.Length; input++)
            {
                Region field = layer.ReceptiveField(input, element);
                Assert.True(Region.Whole(layer.InputShapes[input]).Contains(field), $"{element}: {field} lies outside the input");
                foreach ((int channel, int row, int column) in Read(layer, input, element))
                {
                    Assert.True(
                        field.Channels.Contains(channel) && field.Rows.Contains(row) && field.Columns.Contains(column),
                        $"{element} reads ({channel}, {row}, {column}) of input {input}, which is not in {field}");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Layers))]
    public void A_regions_receptive_field_is_the_hull_of_its_elements(string name)
    {
        using var files = new TestFiles();
        Layer layer = files.Load(s_layers[name]).Layers[^1];
        var random = new Random(1);
        for (int i = 0; i < 100; i++)
        {
            var region = new Region(Some(layer.Output.Channels), Some(layer.Output.Rows), Some(layer.Output.Columns));
            for (int input = 0; input < layer.Inputs.Length; input++)
            {
                Region hull = Elements(layer.Output).Where(region.Contains).Select(element => layer.ReceptiveField(input, element)).Aggregate(Region.Empty, (sum, field) => sum.Hull(field));
                Region field = layer.ReceptiveField(input, region);
                Assert.True(field == hull || (field.IsEmpty && hull.IsEmpty), $"{region}: {field}, hull of the elements' {hull}");
            }
        }

        Interval Some(int length)
        {
            int start = random.Next(length);
            return new(start, random.Next(start, length) + 1);
        }
    }

    [Theory]
    [MemberData(nameof(Layers))]
    public void An_empty_region_reads_nothing(string name)
    {
        using var files = new TestFiles();
        Layer layer = files.Load(s_layers[name]).Layers[^1];
        Assert.True(layer.ReceptiveField(0, Region.Empty).IsEmpty);
        Assert.True(layer.ReceptiveField(0, Region.Whole(layer.Output) with { Rows = new(1, 1) }).IsEmpty);
    }

    private static IEnumerable<Region> Elements(Shape shape) =>
        from c in Enumerable.Range(0, shape.Channels)
        from h in Enumerable.Range(0, shape.Rows)
        from w in Enumerable.Range(0, shape.Columns)
        select new Region(new(c, c + 1), new(h, h + 1), new(w, w + 1));

    /// <summary>The input elements that one output element is computed from.</summary>
    private static IEnumerable<(int Channel, int Row, int Column)> Read(Layer layer, int input, Region element)
    {
        (int c, int h, int w) = (element.Channels.Start, element.Rows.Start, element.Columns.Start);
        Shape from = layer.InputShapes[input];
        return layer switch
        {
            Convolution conv => Window(from, GroupOf(conv, c), conv.RowWindow, conv.ColumnWindow, h, w),
            LocallyConnected local => Window(from, Enumerable.Range(0, from.Channels), local.RowWindow, local.ColumnWindow, h, w),
            MaxPool pool => Window(from, [c], pool.RowWindow, pool.ColumnWindow, h, w),
            GlobalAveragePool => All(from).Where(read => read.Channel == c),
            Concatenate route => RouteReads(route, input, c, h, w),
            Shortcut shortcut when input == 1 => ShortcutReads(shortcut, c, h, w),
            Shortcut or Identity => [(c, h, w)],
            Upsample upsample => [(c, h / upsample.Stride, w / upsample.Stride)],
            Crop crop => [(c, h + ((from.Rows - crop.Output.Rows) / 2), w + ((from.Columns - crop.Output.Columns) / 2))],
            _ => All(from),
        };
    }

    private static IEnumerable<(int Channel, int Row, int Column)> All(Shape shape) =>
        Elements(shape).Select(element => (element.Channels.Start, element.Rows.Start, element.Columns.Start));

    private static IEnumerable<int> GroupOf(Convolution conv, int filter) =>
        Enumerable.Range(filter * conv.Groups / conv.Filters * (conv.InputShapes[0].Channels / conv.Groups), conv.InputShapes[0].Channels / conv.Groups);

    private static IEnumerable<(int Channel, int Row, int Column)> Window(Shape shape, IEnumerable<int> channels, Window rows, Window columns, int h, int w) =>
        from c in channels
        from i in Enumerable.Range(0, rows.Size)
        from j in Enumerable.Range(0, columns.Size)
        let row = (h * rows.Stride) + i - rows.PadBefore
        let column = (w * columns.Stride) + j - columns.PadBefore
        where row >= 0 && row < shape.Rows && column >= 0 && column < shape.Columns
        select (c, row, column);

    private static IEnumerable<(int Channel, int Row, int Column)> RouteReads(Concatenate route, int input, int c, int h, int w)
    {
        // The output lists, for each input, the channels of the group.
        (int Input, int Channel)[] sources =
        [
            .. from i in Enumerable.Range(0, route.Inputs.Length)
               let count = route.InputShapes[i].Channels / route.Groups
               from channel in Enumerable.Range(route.Group * count, count)
               select (i, channel),
        ];
        return sources[c].Input == input ? [(sources[c].Channel, h, w)] : [];
    }

    private static IEnumerable<(int Channel, int Row, int Column)> ShortcutReads(Shortcut shortcut, int c, int h, int w)
    {
        // Darknet's loop: for i below the smaller width, out[i * sample] += add[i * stride].
        Shape added = shortcut.InputShapes[1];
        Shape output = shortcut.Output;
        int stride = Math.Max(1, added.Columns / output.Columns);
        int sample = Math.Max(1, output.Columns / added.Columns);
        return
            from j in Enumerable.Range(0, Math.Min(added.Rows, output.Rows))
            from i in Enumerable.Range(0, Math.Min(added.Columns, output.Columns))
            where c < Math.Min(added.Channels, output.Channels) && j * sample == h && i * sample == w
            select (c, j * stride, i * stride);
    }
}
