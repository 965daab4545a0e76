using System.Collections.Immutable;

namespace DeeperThings.Models;

/// <summary>YOLOv2's <c>region</c>: per anchor x, y, w, h, objectness, classes; each a plane of rows × columns.</summary>
public sealed record RegionHead : DetectionHead
{
    /// <summary>Width and height of each anchor, in cells.</summary>
    public required ImmutableArray<(float Width, float Height)> Anchors { get; init; }

    public int Coordinates { get; init; } = 4;

    /// <summary>Softmax over the classes; otherwise logistic.</summary>
    public bool Softmax { get; init; }

    /// <summary>Objectness left as it is, as a background class in the softmax.</summary>
    public bool Background { get; init; }
}
