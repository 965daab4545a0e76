namespace DeeperThings.Vision;

/// <summary>Darknet's <c>do_nms_sort</c>: class by class, the likeliest box takes that class from every box that overlaps it too much.</summary>
public sealed class NonMaximumSuppression
{
    /// <summary>Darknet's default.</summary>
    public const float DefaultOverlap = 0.45f;

    private readonly List<int> _order = [];

    /// <summary>Sets the probabilities of suppressed boxes to 0. Of equally likely boxes the first one added stays.</summary>
    /// <param name="candidates">The boxes.</param>
    /// <param name="overlap">Largest intersection over union that two boxes of one class may have.</param>
    public void Apply(BoxCandidates candidates, float overlap = DefaultOverlap)
    {
        for (int classIndex = 0; classIndex < candidates.Classes; classIndex++)
        {
            Sort(candidates, classIndex);
            for (int i = 0; i < _order.Count; i++)
            {
                if (candidates.Probabilities(_order[i])[classIndex] == 0)
                {
                    continue;
                }

                CentredBox kept = candidates.Box(_order[i]);
                for (int j = i + 1; j < _order.Count; j++)
                {
                    if (kept.IntersectionOverUnion(candidates.Box(_order[j])) > overlap)
                    {
                        candidates.Probabilities(_order[j])[classIndex] = 0;
                    }
                }
            }
        }
    }

    private void Sort(BoxCandidates candidates, int classIndex)
    {
        _order.Clear();
        for (int i = 0; i < candidates.Count; i++)
        {
            if (candidates.Probabilities(i)[classIndex] != 0)
            {
                _order.Add(i);
            }
        }

        _order.Sort((a, b) =>
        {
            int byProbability = candidates.Probabilities(b)[classIndex].CompareTo(candidates.Probabilities(a)[classIndex]);
            return byProbability != 0 ? byProbability : a.CompareTo(b);
        });
    }
}
