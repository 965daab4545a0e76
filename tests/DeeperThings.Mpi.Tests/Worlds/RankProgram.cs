using System.Reflection;

namespace DeeperThings.Mpi.Tests;

/// <summary>What mpiexec starts: all laws for this number of ranks, or one of <see cref="Scenarios"/>.</summary>
internal static class RankProgram
{
    public const string Argument = "--rank";
    public const string Laws = "laws";
    public const string Scenario = "scenario";

    public static int Run(string[] args) => args switch
    {
        [Laws, string folder] => MpiProgram.Run(comm => CheckLaws(comm, folder), Console.Error, _ => 1),
        [Scenario, string name] => MpiProgram.Run(Scenarios.All[name], Console.Error, Scenarios.ExitCode),
        _ => throw new ArgumentException($"unknown arguments: {string.Join(' ', args)}"),
    };

    private static int CheckLaws(Communicator comm, string folder)
    {
        comm.Deadline = TimeSpan.FromSeconds(20);
        MpiexecWorld.Current = comm;
        using var results = new StreamWriter(Path.Combine(folder, $"{comm.Rank}")) { AutoFlush = true };
        foreach ((string name, Action law) in LawsFor(comm.Size))
        {
            comm.Barrier();
            try
            {
                law();
                results.WriteLine($"{name}\tok");
            }
            catch (Exception exception)
            {
                results.WriteLine($"{name}\t{exception.GetBaseException().Message.ReplaceLineEndings(" ")}");
                return 1;
            }
        }

        return 0;
    }

    /// <summary>The tests of the classes <c>Under_mpiexec</c> that name this number of ranks, in an order that is the same on all ranks.</summary>
    private static IEnumerable<(string Name, Action Law)> LawsFor(int size) =>
        from type in typeof(RankProgram).Assembly.GetTypes()
        where type.Name == "Under_mpiexec" && type.BaseType != typeof(ProgramLaws)
        let laws = Activator.CreateInstance(type)
        from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance)
        where method.GetCustomAttributes<InlineDataAttribute>().Any(data => size.Equals(data.Data[0]))
        orderby type.FullName, method.Name
        select ($"{type.DeclaringType!.Name}.{method.Name}", (Action)(() => method.Invoke(laws, [size])));
}
