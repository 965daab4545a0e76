namespace DeeperThings.Vision;

/// <summary>A box in pixels of a picture; (<see cref="X"/>, <see cref="Y"/>) is its top-left corner. It may reach outside the picture.</summary>
public readonly record struct Box(float X, float Y, float Width, float Height)
{
    /// <summary>Common area over joint area, in [0, 1].</summary>
    public float IntersectionOverUnion(Box other) => Centred().IntersectionOverUnion(other.Centred());

    private CentredBox Centred() => new(X + (Width / 2), Y + (Height / 2), Width, Height);
}

/// <summary>A box by its centre, as Darknet's networks give it.</summary>
public readonly record struct CentredBox(float X, float Y, float Width, float Height)
{
    public Box ToBox() => new(X - (Width / 2), Y - (Height / 2), Width, Height);

    /// <summary>Darknet's <c>box_iou</c>; NaN for two boxes without area.</summary>
    public float IntersectionOverUnion(CentredBox other)
    {
        float width = Overlap(X, Width, other.X, other.Width);
        float height = Overlap(Y, Height, other.Y, other.Height);
        float intersection = width < 0 || height < 0 ? 0 : width * height;
        return intersection / ((Width * Height) + (other.Width * other.Height) - intersection);
    }

    private static float Overlap(float centre, float length, float otherCentre, float otherLength)
    {
        float start = centre - (length / 2);
        float otherStart = otherCentre - (otherLength / 2);
        float end = centre + (length / 2);
        float otherEnd = otherCentre + (otherLength / 2);
        return (end < otherEnd ? end : otherEnd) - (start > otherStart ? start : otherStart);
    }
}
