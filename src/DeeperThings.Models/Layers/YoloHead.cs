using System.Collections.Immutable;

namespace DeeperThings.Models;

/// <summary>YOLOv3's <c>yolo</c>: as <see cref="RegionHead"/>, with logistic classes and anchors in pixels of the network's input.</summary>
public sealed record YoloHead : DetectionHead
{
    /// <summary>Width and height of the anchors of this head (Darknet's <c>mask</c> applied), in pixels of the network's input.</summary>
    public required ImmutableArray<(float Width, float Height)> Anchors { get; init; }
}
