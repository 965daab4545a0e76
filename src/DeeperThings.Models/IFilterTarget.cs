namespace DeeperThings.Models;

/// <summary>Takes the filters of a <see cref="WeightSlice"/> one after another, as they are read.</summary>
public interface IFilterTarget
{
    /// <param name="filter">Output channel.</param>
    /// <param name="row">Output row of a <see cref="LocallyConnected"/> layer, else 0.</param>
    /// <param name="column">Output column of a <see cref="LocallyConnected"/> layer, else 0.</param>
    /// <param name="weights">[channel][row][column] of the window, for the slice's channels; valid during the call.</param>
    void Put(int filter, int row, int column, ReadOnlySpan<float> weights);
}
