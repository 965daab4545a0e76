namespace DeeperThings.Kernels;

/// <summary>Work that <see cref="WorkerPool"/> cuts into numbered pieces. Pieces run at the same time and in any order; they must not depend on each other.</summary>
public interface IWork
{
    void Invoke(int index);
}
