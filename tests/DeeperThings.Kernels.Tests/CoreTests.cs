namespace DeeperThings.Kernels.Tests;

public sealed class CoreTests
{
    [Fact]
    public void A_thread_leaves_the_cores_that_are_taken_and_may_use_them_again()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.ProcessorCount > 1, "needs two cores");
        OnThread(() =>
        {
            string allowed = AllowedCores();
            for (int i = 0; i < 100; i++)
            {
                int core = Core.Current;
                Assert.True(Core.Leave([core, Core.Unknown]));
                Assert.Equal(allowed, AllowedCores());
            }
        });
    }

    [Fact]
    public void A_thread_that_left_is_on_another_core()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.ProcessorCount > 1, "needs two cores");
        // The scheduler may move it on at once, but not every time.
        OnThread(() => Assert.Contains(true, Enumerable.Range(0, 100).Select(_ =>
        {
            int core = Core.Current;
            Core.Leave([core]);
            return Core.Current != core;
        })));
    }

    [Fact]
    public void A_thread_stays_where_all_cores_are_taken()
    {
        OnThread(() =>
        {
            string allowed = AllowedCores();
            Assert.False(Core.Leave([.. Enumerable.Range(-1, 1026)]));
            Assert.Equal(allowed, AllowedCores());
        });
    }

    private static string AllowedCores() =>
        File.Exists("/proc/thread-self/status") ? File.ReadLines("/proc/thread-self/status").Single(line => line.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal)) : "";

    private static void OnThread(Action action)
    {
        Exception? failure = null;
        var thread = new Thread(() => failure = Record.Exception(action));
        thread.Start();
        thread.Join();
        Assert.Null(failure);
    }
}
