namespace DeeperThings.Vision;

/// <summary>Boxes before suppression, each with a probability for every class; 0 where it is not above the threshold. Its memory is kept for the next picture.</summary>
public sealed class BoxCandidates
{
    private readonly List<CentredBox> _boxes = [];
    private float[] _probabilities = [];

    public BoxCandidates(int classes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        Classes = classes;
    }

    public int Classes { get; }

    public int Count => _boxes.Count;

    public CentredBox Box(int index) => _boxes[index];

    public Span<float> Probabilities(int index) => _probabilities.AsSpan(index * Classes, Classes);

    /// <summary>Adds a box and returns its probabilities, all 0, to be set.</summary>
    public Span<float> Add(CentredBox box)
    {
        int start = Count * Classes;
        if (start + Classes > _probabilities.Length)
        {
            Array.Resize(ref _probabilities, Math.Max(start + Classes, _probabilities.Length * 2));
        }

        _boxes.Add(box);
        Span<float> probabilities = _probabilities.AsSpan(start, Classes);
        probabilities.Clear();
        return probabilities;
    }

    public void Clear() => _boxes.Clear();
}
