using System.Collections.Immutable;
using DeeperThings.Tensors;
using static DeeperThings.Models.Darknet.DarknetNetwork;

namespace DeeperThings.Models.Darknet;

internal sealed partial class DarknetNetworkBuilder
{
    private RegionHead Region(CfgSection section)
    {
        section.Refuse("tree");
        int boxes = section.Int("num", 1, 1, MaxDimension);
        int classes = section.Int("classes", 20, 1, MaxDimension);
        int coordinates = section.Int("coords", 4, 4, MaxDimension);
        NeedChannels(section, boxes, coordinates, classes);
        return new RegionHead
        {
            Index = Index,
            Kind = "region",
            Inputs = [Previous],
            InputShapes = [PreviousShape],
            Output = PreviousShape,
            Classes = classes,
            Anchors = Anchors(section, boxes),
            Coordinates = coordinates,
            Softmax = section.Flag("softmax"),
            Background = section.Flag("background"),
        };
    }

    private YoloHead Yolo(CfgSection section)
    {
        section.Refuse("scale_x_y", 1);
        section.Refuse("new_coords", 0);
        int total = section.Int("num", 1, 1, MaxDimension);
        int classes = section.Int("classes", 20, 1, MaxDimension);
        int[] mask = section.Has("mask") ? section.Ints("mask", 0, total - 1) : [.. Enumerable.Range(0, total)];
        NeedChannels(section, mask.Length, 4, classes);
        ImmutableArray<(float Width, float Height)> anchors = Anchors(section, total);
        return new YoloHead
        {
            Index = Index,
            Kind = "yolo",
            Inputs = [Previous],
            InputShapes = [PreviousShape],
            Output = PreviousShape,
            Classes = classes,
            Anchors = [.. mask.Select(index => anchors[index])],
        };
    }

    private GridHead Detection(CfgSection section)
    {
        int side = section.Int("side", 7, 1, MaxWindow);
        int boxes = section.Int("num", 1, 1, MaxDimension);
        int classes = section.Int("classes", 1, 1, MaxDimension);

        // Darknet's default is 1, but it decodes only boxes of 4.
        int coordinates = section.RequiredInt("coords", 4, 4);
        long expected = (long)side * side * (((1L + coordinates) * boxes) + classes);
        if (PreviousShape.Count != expected)
        {
            throw section.Error($"layer {Previous} has {PreviousShape.Count} outputs; side*side*((1+coords)*num+classes) = {expected} are needed");
        }

        return new GridHead
        {
            Index = Index,
            Kind = "detection",
            Inputs = [Previous],
            InputShapes = [PreviousShape],
            Output = PreviousShape,
            Classes = classes,
            Side = side,
            Boxes = boxes,
            Coordinates = coordinates,
            SquareRoots = section.Flag("sqrt"),
            Softmax = section.Flag("softmax"),
        };
    }

    private void NeedChannels(CfgSection section, int boxes, int coordinates, int classes)
    {
        long expected = boxes * ((long)coordinates + 1 + classes);
        if (PreviousShape.Channels != expected)
        {
            throw section.Error(
                $"layer {Previous} has {PreviousShape.Channels} channels; {boxes} boxes x ({coordinates} coordinates + 1 + {classes} classes) = {expected} are needed");
        }
    }

    private static ImmutableArray<(float Width, float Height)> Anchors(CfgSection section, int boxes)
    {
        // Darknet starts with 0.5 for each and overwrites what is given.
        float[] sizes = section.Has("anchors") ? section.Floats("anchors") : [.. Enumerable.Repeat(0.5f, 2 * boxes)];
        return sizes.Length == 2 * boxes
            ? [.. sizes.Chunk(2).Select(pair => (pair[0], pair[1]))]
            : throw section.Error("anchors", $"{sizes.Length} numbers; {boxes} widths and heights, {2 * boxes} numbers, are needed");
    }
}
