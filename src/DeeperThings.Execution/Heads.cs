using DeeperThings.Kernels;
using DeeperThings.Models;
using DeeperThings.Tensors;

namespace DeeperThings.Execution;

/// <summary>What Darknet's detection layers do to the last feature map before boxes are read from it.</summary>
internal static class Heads
{
    /// <param name="map">The whole map, changed in place.</param>
    public static void Activate(DetectionHead head, NativeBuffer map)
    {
        switch (head)
        {
            case RegionHead region:
                Activate(region, map);
                break;
            case YoloHead yolo:
                Activate(yolo, map);
                break;
            case GridHead { Softmax: true } grid:
                for (int cell = 0; cell < grid.Side * grid.Side; cell++)
                {
                    NativeBuffer classes = map.Slice((long)cell * grid.Classes, grid.Classes);
                    Elementwise.Softmax(classes, classes, grid.Classes, 1, 1);
                }

                break;
            default:
                break;
        }
    }

    private static void Activate(RegionHead head, NativeBuffer map)
    {
        int plane = head.Output.Rows * head.Output.Columns;
        int background = head.Background ? 1 : 0;
        for (int anchor = 0; anchor < head.Anchors.Length; anchor++)
        {
            NativeBuffer box = AnchorOf(map, anchor, head.Anchors.Length);
            Elementwise.Logistic(box.Slice(0, 2L * plane));
            if (!head.Background)
            {
                Elementwise.Logistic(box.Slice((long)head.Coordinates * plane, plane));
            }

            // A background class takes the place of the objectness and part in the softmax.
            long first = (long)(head.Coordinates + 1 - background) * plane;
            int classes = head.Classes + background;
            if (!head.Softmax)
            {
                Elementwise.Logistic(box.Slice((long)(head.Coordinates + 1) * plane, (long)head.Classes * plane));
                continue;
            }

            NativeBuffer values = box.Slice(first, (long)classes * plane);
            Elementwise.Softmax(values, values, classes, plane, 1, plane);
        }
    }

    private static void Activate(YoloHead head, NativeBuffer map)
    {
        const int Coordinates = 4;
        int plane = head.Output.Rows * head.Output.Columns;
        for (int anchor = 0; anchor < head.Anchors.Length; anchor++)
        {
            NativeBuffer box = AnchorOf(map, anchor, head.Anchors.Length);
            Elementwise.Logistic(box.Slice(0, 2L * plane));
            Elementwise.Logistic(box.Slice((long)Coordinates * plane, (long)(head.Classes + 1) * plane));
        }
    }

    private static NativeBuffer AnchorOf(NativeBuffer map, int anchor, int anchors)
    {
        long count = map.Count / anchors;
        return map.Slice(anchor * count, count);
    }
}
