namespace DeeperThings.Kernels.Tests;

public unsafe class WorkerPoolTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Every_piece_runs_once_run_after_run(int threads)
    {
        using var pool = new WorkerPool(threads);
        int* counts = stackalloc int[100];
        new Span<int>(counts, 100).Clear();
        var work = new Count { Counts = counts };
        for (int run = 1; run <= 2000; run++)
        {
            int pieces = run % 101;
            pool.Run(pieces, ref work);
            for (int i = 0; i < 100; i++)
            {
                Assert.Equal(i < pieces ? 1 : 0, counts[i]);
                counts[i] = 0;
            }

            if (run % 500 == 0)
            {
                Thread.Sleep(20); // long enough that the helpers sleep
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void An_exception_reaches_the_caller_and_the_pool_lives_on(int threads)
    {
        using var pool = new WorkerPool(threads);
        var fail = new Fail();
        Assert.Throws<InvalidOperationException>(() => pool.Run(50, ref fail));
        Every_piece_runs_once_run_after_run(threads);
    }

    [Fact]
    public void A_disposed_pool_is_refused()
    {
        var pool = new WorkerPool(2);
        pool.Dispose();
        pool.Dispose();
        var fail = new Fail();
        Assert.Throws<ObjectDisposedException>(() => pool.Run(1, ref fail));
    }

    private struct Count : IWork
    {
        public int* Counts;

        public readonly void Invoke(int index) => Interlocked.Increment(ref Counts[index]);
    }

    private struct Fail : IWork
    {
        public readonly void Invoke(int index) => throw new InvalidOperationException($"piece {index}");
    }
}
