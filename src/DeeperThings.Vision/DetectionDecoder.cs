using System.Collections.Immutable;
using DeeperThings.Models;
using DeeperThings.Tensors;

namespace DeeperThings.Vision;

/// <summary>The whole output of a head, as Darknet's layer has it: logistic and softmax applied, planar.</summary>
public delegate ReadOnlySpan<float> HeadOutput(DetectionHead head);

/// <summary>Turns what a network's heads give into boxes in pixels of the picture, as Darknet's <c>get_network_boxes</c> and <c>do_nms_sort</c> do.</summary>
public sealed class DetectionDecoder
{
    /// <summary>Darknet's default for <c>detector test</c>.</summary>
    public const float DefaultThreshold = 0.5f;

    private readonly ClassNames _names;
    private readonly float _threshold;
    private readonly float _overlap;
    private readonly Shape _input;
    private readonly BoxCandidates _candidates;
    private readonly NonMaximumSuppression _suppression = new();

    /// <param name="network">A network with at least one head.</param>
    /// <param name="names">Names of the classes.</param>
    /// <param name="threshold">Probabilities above it are reported.</param>
    /// <param name="overlap">Largest overlap of two boxes of one class.</param>
    /// <exception cref="ArgumentException">The network has no head.</exception>
    public DetectionDecoder(Network network, ClassNames names, float threshold = DefaultThreshold, float overlap = NonMaximumSuppression.DefaultOverlap)
    {
        Heads = [.. network.Layers.OfType<DetectionHead>()];
        if (Heads.IsEmpty)
        {
            throw new ArgumentException($"{network.Name} has no detection head", nameof(network));
        }

        _names = names;
        _threshold = threshold;
        _overlap = overlap;
        _input = network.InputShape;
        _candidates = new(Heads.Max(head => head.Classes));
    }

    /// <summary>The network's heads, in the order of its layers.</summary>
    public ImmutableArray<DetectionHead> Heads { get; }

    /// <summary>Most likely first, equal ones by class index. A box appears once for each class that it has left.</summary>
    /// <param name="geometry">Where the picture lies in the network's input.</param>
    /// <param name="output">Gives the output of each head.</param>
    public ImmutableArray<Detection> Decode(ImageGeometry geometry, HeadOutput output)
    {
        Start(geometry);
        foreach (DetectionHead head in Heads)
        {
            Add(head, output(head), geometry);
        }

        return Finish();
    }

    /// <summary>As the other, for a network with one head.</summary>
    public ImmutableArray<Detection> Decode(ImageGeometry geometry, ReadOnlySpan<float> output)
    {
        if (Heads.Length != 1)
        {
            throw new ArgumentException($"one output; the network has {Heads.Length} heads", nameof(output));
        }

        Start(geometry);
        Add(Heads[0], output, geometry);
        return Finish();
    }

    private void Start(ImageGeometry geometry)
    {
        if (geometry.InputWidth != _input.Columns || geometry.InputHeight != _input.Rows)
        {
            throw new ArgumentException($"geometry for an input of {geometry.InputWidth}x{geometry.InputHeight}; the network's is {_input.Columns}x{_input.Rows}", nameof(geometry));
        }

        _candidates.Clear();
    }

    private void Add(DetectionHead head, ReadOnlySpan<float> values, ImageGeometry geometry)
    {
        if (values.Length != head.Output.Count)
        {
            throw new ArgumentException($"{values.Length} floats; layer {head.Name} has {head.Output.Count}", nameof(values));
        }

        switch (head)
        {
            case RegionHead region:
                AddRegion(region, values, geometry);
                break;
            case YoloHead yolo:
                AddYolo(yolo, values, geometry);
                break;
            case GridHead grid:
                AddGrid(grid, values, geometry);
                break;
            default:
                throw new NotSupportedException($"layer {head.Name}: no decoder for this head");
        }
    }

    // get_region_detections: planes [anchor][x, y, w, h, ..., objectness, classes], anchors in cells.
    private void AddRegion(RegionHead head, ReadOnlySpan<float> values, ImageGeometry geometry)
    {
        Shape shape = head.Output;
        int plane = shape.Rows * shape.Columns;
        for (int anchor = 0; anchor < head.Anchors.Length; anchor++)
        {
            int start = anchor * plane * (head.Coordinates + 1 + head.Classes);
            for (int cell = 0; cell < plane; cell++)
            {
                ReadOnlySpan<float> entries = values[(start + cell)..];
                float objectness = head.Background ? 1 : entries[head.Coordinates * plane];
                if (objectness > _threshold)
                {
                    CentredBox box = AnchorBox(entries, cell, shape, head.Anchors[anchor], shape.Columns, shape.Rows);
                    Add(geometry.ToPicture(box), objectness, entries[((head.Coordinates + 1) * plane)..], plane, head.Classes);
                }
            }
        }
    }

    // get_yolo_detections: planes [anchor][x, y, w, h, objectness, classes], anchors in pixels of the network's input.
    private void AddYolo(YoloHead head, ReadOnlySpan<float> values, ImageGeometry geometry)
    {
        Shape shape = head.Output;
        int plane = shape.Rows * shape.Columns;
        for (int cell = 0; cell < plane; cell++)
        {
            for (int anchor = 0; anchor < head.Anchors.Length; anchor++)
            {
                ReadOnlySpan<float> entries = values[((anchor * plane * (4 + 1 + head.Classes)) + cell)..];
                float objectness = entries[4 * plane];
                if (objectness > _threshold)
                {
                    CentredBox box = AnchorBox(entries, cell, shape, head.Anchors[anchor], _input.Columns, _input.Rows);
                    Add(geometry.ToPicture(box), objectness, entries[((4 + 1) * plane)..], plane, head.Classes);
                }
            }
        }
    }

    // get_detection_detections: [cell][class], then [cell][box] confidences, then [cell][box][x, y, w, h]; w and h relative to
    // the input. Darknet scales by the picture's size as after a stretch; other preprocessing is undone here as for other heads.
    private void AddGrid(GridHead head, ReadOnlySpan<float> values, ImageGeometry geometry)
    {
        int side = head.Side;
        int cells = side * side;
        ReadOnlySpan<float> confidences = values[(cells * head.Classes)..];
        ReadOnlySpan<float> boxes = confidences[(cells * head.Boxes)..];
        for (int cell = 0; cell < cells; cell++)
        {
            for (int i = cell * head.Boxes; i < (cell + 1) * head.Boxes; i++)
            {
                float x = (boxes[(i * 4) + 0] + (cell % side)) / side;
                float y = (boxes[(i * 4) + 1] + (cell / side)) / side;
                float width = boxes[(i * 4) + 2];
                float height = boxes[(i * 4) + 3];
                CentredBox box = head.SquareRoots ? new(x, y, width * width, height * height) : new(x, y, width, height);
                Add(geometry.ToPicture(box), confidences[i], values[(cell * head.Classes)..], 1, head.Classes);
            }
        }
    }

    /// <summary>A box relative to the network's input; <paramref name="entries"/> starts at the cell, one plane after the other.</summary>
    private static CentredBox AnchorBox(ReadOnlySpan<float> entries, int cell, Shape shape, (float Width, float Height) anchor, int unitsWide, int unitsHigh)
    {
        int plane = shape.Rows * shape.Columns;
        return new(
            ((cell % shape.Columns) + entries[0]) / shape.Columns,
            ((cell / shape.Columns) + entries[plane]) / shape.Rows,
            (float)(Math.Exp(entries[2 * plane]) * anchor.Width / unitsWide),
            (float)(Math.Exp(entries[3 * plane]) * anchor.Height / unitsHigh));
    }

    private void Add(CentredBox box, float objectness, ReadOnlySpan<float> classes, int stride, int count)
    {
        if (!float.IsFinite(box.X) || !float.IsFinite(box.Y) || !float.IsFinite(box.Width) || !float.IsFinite(box.Height))
        {
            return; // An overflow of e^w; it overlaps nothing and cannot be drawn.
        }

        Span<float> probabilities = default;
        for (int classIndex = 0; classIndex < count; classIndex++)
        {
            float probability = objectness * classes[classIndex * stride];
            if (probability > _threshold)
            {
                probabilities = probabilities.IsEmpty ? _candidates.Add(box) : probabilities;
                probabilities[classIndex] = probability;
            }
        }
    }

    private ImmutableArray<Detection> Finish()
    {
        _suppression.Apply(_candidates, _overlap);
        var found = ImmutableArray.CreateBuilder<Detection>();
        for (int i = 0; i < _candidates.Count; i++)
        {
            ReadOnlySpan<float> probabilities = _candidates.Probabilities(i);
            for (int classIndex = 0; classIndex < probabilities.Length; classIndex++)
            {
                if (probabilities[classIndex] > 0)
                {
                    found.Add(new(_names[classIndex], classIndex, probabilities[classIndex], _candidates.Box(i).ToBox()));
                }
            }
        }

        return [.. found.OrderByDescending(detection => detection.Confidence).ThenBy(detection => detection.ClassIndex)];
    }
}
