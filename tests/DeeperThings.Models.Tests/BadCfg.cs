using DeeperThings.Models.Darknet;
using DeeperThings.Tensors;

namespace DeeperThings.Models.Tests;

/// <summary>Every bad cfg file ends in one line that says where, what was found and what is allowed.</summary>
public class BadCfg
{
    private const string Net = "[net]\nwidth=13\nheight=11\nchannels=3\n";
    private const string Conv = "[convolutional]\nfilters=8\nsize=3\npad=1\nactivation=leaky\n";

    private static void Refused(string text, string message, Shape? input = null)
    {
        using var files = new TestFiles();
        string path = files.Write("bad.cfg", text);
        var exception = Assert.Throws<ModelException>(() => DarknetNetwork.Load(path, input));
        Assert.Equal(path + message, exception.Message);
    }

    [Fact]
    public void Missing_file()
    {
        var exception = Assert.Throws<ModelException>(() => DarknetNetwork.Load("/nowhere/x.cfg"));
        Assert.Equal("/nowhere/x.cfg: cannot be read: no such folder", exception.Message);
    }

    [Fact]
    public void Folder_instead_of_a_file()
    {
        using var files = new TestFiles();
        var exception = Assert.Throws<ModelException>(() => DarknetNetwork.Load(files.Folder));
        Assert.Equal($"{files.Folder}: cannot be read: access denied, or a folder", exception.Message);
    }

    [Fact]
    public void Huge_file()
    {
        using var files = new TestFiles();
        using (var file = new FileStream(files.At("bad.cfg"), FileMode.Create))
        {
            file.SetLength(1L << 40);
        }

        var exception = Assert.Throws<ModelException>(() => DarknetNetwork.Load(files.At("bad.cfg")));
        Assert.Equal($"{files.At("bad.cfg")}: 1099511627776 bytes is no cfg file; at most 4194304 bytes are allowed", exception.Message);
    }

    [Fact]
    public void Empty_file() => Refused("", ": no section in 0 bytes; the file must begin with [net]");

    [Fact]
    public void Comments_only() => Refused("# a\n; b\n", ": no section in 8 bytes; the file must begin with [net]");

    [Fact]
    public void Binary_junk() => Refused("[net]\nwidth=\0\u0001", ": not a text file: byte 0x00 at offset 12");

    [Fact]
    public void Invalid_text()
    {
        using var files = new TestFiles();
        File.WriteAllBytes(files.At("bad.cfg"), [.. "[net]\n"u8, 0xFF, 0xFE, 0xC3]);
        var exception = Assert.Throws<ModelException>(() => DarknetNetwork.Load(files.At("bad.cfg")));
        Assert.Equal($"{files.At("bad.cfg")}: not a text file: not UTF-8", exception.Message);
    }

    [Fact]
    public void Random_bytes_give_one_line()
    {
        using var files = new TestFiles();
        var random = new Random(1);
        for (int i = 0; i < 200; i++)
        {
            byte[] bytes = new byte[random.Next(300)];
            random.NextBytes(bytes);
            File.WriteAllBytes(files.At("bad.cfg"), bytes);
            var exception = Assert.Throws<ModelException>(() => DarknetNetwork.Load(files.At("bad.cfg")));
            Assert.DoesNotContain('\n', exception.Message);
        }
    }

    [Fact]
    public void A_real_file_cut_or_changed_anywhere_is_a_network_or_one_line()
    {
        using var files = new TestFiles();
        string text = File.ReadAllText(TestFiles.Debian("yolov3-tiny"));
        var random = new Random(2);
        for (int i = 0; i < 400; i++)
        {
            char[] changed = text[..random.Next(text.Length)].ToCharArray();
            for (int j = random.Next(4); j > 0 && changed.Length > 0; j--)
            {
                changed[random.Next(changed.Length)] = "0123456789-[]=,\n#x"[random.Next(18)];
            }

            try
            {
                DarknetNetwork.Load(files.Write("bad.cfg", new string(changed)));
            }
            catch (ModelException exception)
            {
                Assert.StartsWith(files.At("bad.cfg") + ":", exception.Message, StringComparison.Ordinal);
                Assert.DoesNotContain('\n', exception.Message);
            }
        }
    }

    [Fact]
    public void First_section_is_not_net() => Refused(Conv + Net, ":1: [convolutional] is the first section; the file must begin with [net]");

    [Fact]
    public void Net_twice() => Refused(Net + Conv + "[network]\n", ":10: [network] stands a second time; only the first section may be [net]");

    [Fact]
    public void No_layer() => Refused(Net, ":1: [net] is the only section; at least one layer is needed");

    [Fact]
    public void Option_before_a_section() => Refused("\nwidth=3\n" + Net, ":2: found 'width=3' before the first section; the file must begin with [net]");

    [Fact]
    public void Section_not_closed() => Refused(Net + "[convolutional\n", ":5: found '[convolutional'; a section is written [name]");

    [Fact]
    public void Line_that_is_no_option() => Refused(Net + Conv + "hello\n", ":10: found 'hello'; [section] or key=value is allowed");

    [Fact]
    public void Option_without_value() => Refused(Net + Conv + "stride=\n", ":10: found 'stride='; [section] or key=value is allowed");

    [Fact]
    public void Unknown_section() => Refused(
        Net + Conv + "[lstm]\n",
        ":10: [lstm] is not a supported section; allowed are convolutional, connected, local, maxpool, avgpool, route, shortcut, reorg, upsample, crop, dropout, cost, softmax, region, yolo, detection");

    [Fact]
    public void Input_size_missing() => Refused("[net]\nwidth=3\nheight=3\n" + Conv, ":1: [net] channels is missing; an integer from 1 to 65536 is needed");

    [Fact]
    public void Input_size_zero() => Refused("[net]\nwidth=3\nheight=0\nchannels=3\n" + Conv, ":3: [net] height=0: an integer from 1 to 65536 is allowed");

    [Fact]
    public void Input_size_negative() => Refused("[net]\nwidth=-416\nheight=3\nchannels=3\n" + Conv, ":2: [net] width=-416: an integer from 1 to 65536 is allowed");

    [Fact]
    public void Input_size_absurd() => Refused(
        "[net]\nwidth=99999999999999999999\nheight=3\nchannels=3\n" + Conv, ":2: [net] width=99999999999999999999: an integer from 1 to 65536 is allowed");

    [Fact]
    public void Input_of_too_many_elements() => Refused(
        "[net]\nwidth=65536\nheight=65536\nchannels=3\n" + Conv, ":1: [net] input 3x65536x65536 has 12884901888 elements; at most 2147483647 are allowed");

    [Fact]
    public void Override_of_the_channels() => Refused(Net + Conv, ":4: [net] channels=3: an input of 1x20x20 was asked for; the channels cannot be changed", new Shape(1, 20, 20));

    [Fact]
    public void Override_out_of_limits() => Refused(
        Net + Conv, ":1: [net] an input of 3x0x20 was asked for; rows and columns from 1 to 65536 are allowed", new Shape(3, 0, 20));

    [Fact]
    public void Value_that_is_no_number() => Refused(Net + "[convolutional]\nfilters=many\n", ":6: [convolutional] filters=many: an integer from 1 to 65536 is allowed");

    [Fact]
    public void Value_with_a_fraction() => Refused(Net + "[convolutional]\nfilters=8.5\n", ":6: [convolutional] filters=8.5: an integer from 1 to 65536 is allowed");

    [Fact]
    public void Number_that_is_not_finite() => Refused(Net + Conv + "[upsample]\nscale=nan\n", ":11: [upsample] scale=nan: 'nan' is not a number");

    [Fact]
    public void Filters_negative() => Refused(Net + "[convolutional]\nfilters=-8\n", ":6: [convolutional] filters=-8: an integer from 1 to 65536 is allowed");

    [Fact]
    public void Stride_zero() => Refused(Net + Conv + "stride=0\n", ":10: [convolutional] stride=0: an integer from 1 to 65536 is allowed");

    [Fact]
    public void Window_zero() => Refused(Net + "[maxpool]\nsize=0\n", ":6: [maxpool] size=0: an integer from 1 to 4096 is allowed");

    [Fact]
    public void Window_larger_than_the_input() => Refused(
        Net + "[convolutional]\nsize=12\n", ":5: [convolutional] a window of 12 does not fit 11 rows with padding 0 + 0");

    [Fact]
    public void Padding_as_large_as_the_window() => Refused(
        Net + "[convolutional]\nsize=3\npadding=3\n", ":7: [convolutional] padding=3: an integer from 0 to 2 is allowed");

    [Fact]
    public void Maxpool_padding_as_large_as_the_window() => Refused(Net + "[maxpool]\nsize=2\npadding=2\n", ":7: [maxpool] padding=2: an integer from 0 to 1 is allowed");

    [Fact]
    public void Filters_not_divisible_by_groups() => Refused(Net + Conv + "[conv]\nfilters=9\ngroups=4\n", ":12: [conv] groups=4: 9 filters are not divisible by 4 groups");

    [Fact]
    public void Input_channels_not_divisible_by_groups() => Refused(Net + "[conv]\nfilters=8\ngroups=2\n", ":7: [conv] groups=2: 3 input channels are not divisible by 2 groups");

    [Fact]
    public void Unknown_activation() => Refused(
        Net + "[conv]\nactivation=mish\n",
        ":6: [conv] activation=mish: allowed are linear, leaky, relu, logistic, loggy, tanh, elu, selu, relie, ramp, hardtan, lhtan, plse, stair");

    [Theory]
    [InlineData("[conv]", "xnor=1", "only xnor=0 is allowed")]
    [InlineData("[conv]", "binary=1", "only binary=0 is allowed")]
    [InlineData("[conv]", "flipped=1", "only flipped=0 is allowed")]
    [InlineData("[conv]", "dilation=2", "only dilation=1 is allowed")]
    [InlineData("[conv]", "stride_x=2", "only stride_x=1 is allowed")]
    [InlineData("[conv]", "stride_y=2", "only stride_y=1 is allowed")]
    [InlineData("[conv]", "antialiasing=1", "only antialiasing=0 is allowed")]
    [InlineData("[conv]", "share_index=0", "remove it")]
    [InlineData("[conv]", "dontload=1", "only dontload=0 is allowed")]
    [InlineData("[conv]", "dontloadscales=1", "only dontloadscales=0 is allowed")]
    [InlineData("[conv]", "numload=5", "only numload=0 is allowed")]
    [InlineData("[maxpool]", "stride_x=2", "only stride_x=1 is allowed")]
    [InlineData("[maxpool]", "maxpool_depth=1", "only maxpool_depth=0 is allowed")]
    [InlineData("[softmax]", "tree=9k.tree", "remove it")]
    [InlineData("[softmax]", "spatial=1", "only spatial=0 is allowed")]
    [InlineData("[reorg]", "reverse=1", "only reverse=0 is allowed")]
    [InlineData("[reorg]", "flatten=1", "only flatten=0 is allowed")]
    [InlineData("[reorg]", "extra=1", "only extra=0 is allowed")]
    [InlineData("[region]", "tree=9k.tree", "remove it")]
    [InlineData("[yolo]", "scale_x_y=1.2", "only scale_x_y=1 is allowed")]
    [InlineData("[yolo]", "new_coords=1", "only new_coords=0 is allowed")]
    public void Option_that_would_change_the_result(string section, string option, string allowed) =>
        Refused($"{Net}{section}\n{option}\n", $":6: {section} {option}: not supported; {allowed}");

    [Fact]
    public void Shortcut_with_weights() => Refused(
        Net + Conv + Conv + "[shortcut]\nfrom=-2\nweights_type=per_channel\n", ":17: [shortcut] weights_type=per_channel: not supported; remove it");

    [Fact]
    public void Shortcut_from_two_layers() => Refused(Net + Conv + Conv + "[shortcut]\nfrom=-2,-1\n", ":16: [shortcut] from=-2,-1: one layer is allowed");

    [Fact]
    public void Route_without_layers() => Refused(Net + Conv + "[route]\n", ":10: [route] layers is missing; the layers to concatenate are needed, e.g. layers=-1,-4");

    [Fact]
    public void Route_to_a_missing_layer() => Refused(Net + Conv + "[route]\nlayers=-2\n", ":11: [route] layers=-2: layer -1 does not come before layer 1; 0 to 0 or -1 to -1 is allowed");

    [Fact]
    public void Route_forward() => Refused(Net + Conv + "[route]\nlayers=2\n" + Conv, ":11: [route] layers=2: layer 2 does not come before layer 1; 0 to 0 or -1 to -1 is allowed");

    [Fact]
    public void Route_to_itself() => Refused(Net + Conv + "[route]\nlayers=-1,1\n", ":11: [route] layers=-1,1: layer 1 does not come before layer 1; 0 to 0 or -1 to -1 is allowed");

    [Fact]
    public void Route_as_the_first_layer() => Refused(Net + "[route]\nlayers=-1\n", ":6: [route] layers=-1: there is no layer before layer 0");

    [Fact]
    public void Route_to_no_number() => Refused(Net + Conv + "[route]\nlayers=-1,,0\n", ":11: [route] layers=-1,,0: an integer from -65536 to 65536 is allowed");

    [Fact]
    public void Route_of_different_sizes() => Refused(
        Net + Conv + "[maxpool]\nsize=2\nstride=2\n[route]\nlayers=0,1\n",
        ":14: [route] layers=0,1: layer 1 has output 8x6x7, layer 0 has 8x11x13; equal rows and columns are needed");

    [Fact]
    public void Route_group_that_does_not_divide() => Refused(
        Net + Conv + "[route]\nlayers=-1\ngroups=3\ngroup_id=1\n", ":12: [route] groups=3: the 8 channels of layer 0 are not divisible by 3");

    [Fact]
    public void Route_group_that_does_not_exist() => Refused(
        Net + Conv + "[route]\nlayers=-1\ngroups=2\ngroup_id=2\n", ":13: [route] group_id=2: an integer from 0 to 1 is allowed");

    [Fact]
    public void Shortcut_without_from() => Refused(Net + Conv + "[shortcut]\n", ":10: [shortcut] from is missing; the layer to add is needed, e.g. from=-3");

    [Fact]
    public void Shortcut_to_itself() => Refused(Net + Conv + "[shortcut]\nfrom=1\n", ":11: [shortcut] from=1: layer 1 does not come before layer 1; 0 to 0 or -1 to -1 is allowed");

    [Fact]
    public void Shortcut_forward() => Refused(Net + Conv + "[shortcut]\nfrom=9\n", ":11: [shortcut] from=9: layer 9 does not come before layer 1; 0 to 0 or -1 to -1 is allowed");

    [Fact]
    public void Shortcut_of_sizes_that_Darknet_asserts_against() => Refused(
        "[net]\nwidth=20\nheight=7\nchannels=3\n" + Conv + "[crop]\ncrop_width=10\ncrop_height=7\n[shortcut]\nfrom=0\n",
        ":14: [shortcut] from=0: layer 0 has output 8x7x20, layer 1 has 8x7x10; rows and columns must differ by the same factor");

    [Fact]
    public void Reorg_that_does_not_divide() => Refused(
        Net + Conv + "[reorg]\nstride=2\n", ":11: [reorg] stride=2: an input of 8x11x13 is not divisible: channels by 4, rows and columns by 2 are needed");

    [Fact]
    public void Upsample_negative() => Refused(Net + "[upsample]\nstride=-2\n", ":6: [upsample] stride=-2: an integer from 1 to 4096 is allowed");

    [Fact]
    public void Upsample_beyond_the_limit() => Refused(
        "[net]\nwidth=60000\nheight=2\nchannels=1\n[upsample]\n",
        ":5: [upsample] layer 0: output 1x4x120000 is out of limits; each dimension from 1 to 65536 and at most 2147483647 elements are allowed");

    [Fact]
    public void Feature_map_of_too_many_elements() => Refused(
        "[net]\nwidth=1000\nheight=1000\nchannels=1\n[convolutional]\nfilters=5000\n",
        ":5: [convolutional] layer 0: output 5000x1000x1000 is out of limits; each dimension from 1 to 65536 and at most 2147483647 elements are allowed");

    [Fact]
    public void Too_many_parameters() => Refused(
        "[net]\nwidth=4096\nheight=4096\nchannels=3\n[connected]\noutput=65536\n",
        ":5: [connected] layer 0: 3298535145472 parameters after 0 before; a network may have at most 2147483647");

    [Fact]
    public void Too_many_parameters_in_a_locally_connected_layer() => Refused(
        "[net]\nwidth=4096\nheight=4096\nchannels=60\n[local]\nfilters=100\nsize=11\n",
        ":5: [local] layer 0: 12122527035600 parameters after 0 before; a network may have at most 2147483647");

    [Fact]
    public void Too_many_operations() => Refused(
        "[net]\nwidth=40000\nheight=40000\nchannels=1\n" + string.Concat(Enumerable.Repeat("[convolutional]\nsize=4001\npad=1\n", 20)),
        ":62: [convolutional] layer 19: the network has more than 1000000000000000000 floating-point operations");

    [Fact]
    public void Crop_larger_than_the_input() => Refused(
        Net + "[crop]\ncrop_width=14\ncrop_height=4\n", ":5: [crop] crop_height=4 and crop_width=14 are larger than the input 3x11x13");

    [Fact]
    public void Softmax_groups_that_do_not_divide() => Refused(Net + "[softmax]\ngroups=2\n", ":6: [softmax] groups=2: 429 inputs are not divisible by 2 groups");

    [Fact]
    public void Softmax_temperature_zero() => Refused(Net + "[softmax]\ntemperature=0\n", ":6: [softmax] temperature=0: a positive number is allowed");

    [Fact]
    public void Region_channels() => Refused(
        Net + Conv + "[region]\nclasses=20\nnum=5\n", ":10: [region] layer 0 has 8 channels; 5 boxes x (4 coordinates + 1 + 20 classes) = 125 are needed");

    [Fact]
    public void Region_anchors() => Refused(
        Net + Conv + "[region]\nclasses=3\nnum=1\nanchors=1,2,3\n", ":13: [region] anchors=1,2,3: 3 numbers; 1 widths and heights, 2 numbers, are needed");

    [Fact]
    public void Region_anchor_that_is_no_number() => Refused(
        Net + Conv + "[region]\nclasses=3\nnum=1\nanchors=1,x\n", ":13: [region] anchors=1,x: 'x' is not a number");

    [Fact]
    public void Yolo_channels() => Refused(
        Net + Conv + "[yolo]\nclasses=80\nnum=9\nmask=0,1,2\n", ":10: [yolo] layer 0 has 8 channels; 3 boxes x (4 coordinates + 1 + 80 classes) = 255 are needed");

    [Fact]
    public void Yolo_mask() => Refused(Net + Conv + "[yolo]\nclasses=3\nnum=2\nmask=2\n", ":13: [yolo] mask=2: an integer from 0 to 1 is allowed");

    [Fact]
    public void Detection_outputs() => Refused(
        Net + "[connected]\noutput=100\n[detection]\nside=7\nnum=2\ncoords=4\nclasses=20\n",
        ":7: [detection] layer 0 has 100 outputs; side*side*((1+coords)*num+classes) = 1470 are needed");

    [Fact]
    public void Detection_without_coords() => Refused(Net + "[detection]\n", ":5: [detection] coords is missing; an integer from 4 to 4 is needed");

    [Fact]
    public void Local_padding_that_Darknet_has_no_meaning_for() => Refused(
        Net + "[local]\nsize=5\npad=1\n", ":7: [local] pad=1: Darknet has no meaning for it with size 5; pad=0 or 2 is allowed");

    [Fact]
    public void Long_values_are_shortened() => Refused(
        Net + $"[conv]\nfilters={new string('7', 500)}\n", $":6: [conv] filters={new string('7', 37)}...: an integer from 1 to 65536 is allowed");
}
