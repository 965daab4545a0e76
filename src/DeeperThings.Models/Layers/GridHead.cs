namespace DeeperThings.Models;

/// <summary>YOLOv1's <c>detection</c>: a vector of class probabilities per cell, then confidences, then boxes.</summary>
public sealed record GridHead : DetectionHead
{
    /// <summary>Cells along each side.</summary>
    public required int Side { get; init; }

    /// <summary>Boxes per cell.</summary>
    public required int Boxes { get; init; }

    public int Coordinates { get; init; } = 4;

    /// <summary>Whether width and height are stored as square roots.</summary>
    public bool SquareRoots { get; init; }

    /// <summary>Softmax over the classes of each cell.</summary>
    public bool Softmax { get; init; }
}
