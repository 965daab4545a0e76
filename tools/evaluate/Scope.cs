namespace DeeperThings.Evaluate;

/// <summary>What is measured while a cluster of one rate is up.</summary>
/// <param name="Rate">Of each link.</param>
/// <param name="Ranks">Numbers of ranks, in the order in which they are measured; 1 is one device.</param>
internal sealed record Stage(string Rate, IReadOnlyList<int> Ranks)
{
    /// <summary>The rate of links that have none.</summary>
    public const string Unlimited = "unlimited";

    public int MostRanks => Ranks.Max();
}

/// <summary>What is measured, in which order.</summary>
/// <param name="Networks">Names of models in <c>models/</c>.</param>
/// <param name="Closer">Those of which also the front and uneven devices are measured.</param>
/// <param name="Stages">Rates and numbers of ranks.</param>
/// <param name="Parts">Of <see cref="Part.All"/>.</param>
/// <param name="Schedules">Of <see cref="Schedule.All"/>.</param>
/// <param name="Cpu">Percent of a core that each host has.</param>
/// <param name="Turns">How often a run is measured that links do not bound.</param>
internal sealed record Scope(IReadOnlyList<string> Networks, IReadOnlyList<string> Closer, IReadOnlyList<Stage> Stages, IReadOnlyList<string> Parts, IReadOnlyList<Schedule> Schedules, int Cpu, int Turns)
{
    private const string FrontRate = "100mbit";

    private static readonly string[] s_unevenRates = ["100mbit", Stage.Unlimited];
    private static readonly int[] s_allRanks = [6, 1, 2, 3, 4, 5];

    public static readonly Scope Full = new(
        ["yolov2", "vgg-16", "alexnet", "extraction"],
        ["yolov2", "vgg-16"],
        [new("100mbit", [6, 1]), new("100mbit", [2, 3, 4, 5]), new(Stage.Unlimited, [6, 2, 3, 4, 5]), new("10mbit", [6, 2, 3, 4, 5])],
        Part.All,
        Schedule.All,
        Cpu: 20,
        Turns: 3);

    public static readonly Scope Quick = Full with { Networks = ["alexnet", "extraction"], Closer = [], Stages = [new("100mbit", [6, 1, 2])], Turns = 1 };

    /// <summary>Hosts of the clusters.</summary>
    public int Hosts => Stages.Max(stage => stage.MostRanks);

    private IEnumerable<Stage> Largest => Stages.Where(stage => stage.MostRanks == Hosts);

    /// <summary>The stages of these rates; a rate that has none gets all numbers of ranks.</summary>
    public Scope AtRates(IReadOnlyList<string> rates) =>
        this with { Stages = [.. rates.SelectMany(rate => Stages.Where(stage => stage.Rate == rate).DefaultIfEmpty(new(rate, s_allRanks)))] };

    /// <summary>The same numbers of ranks at each rate.</summary>
    public Scope WithRanks(IReadOnlyList<int> ranks) => this with { Stages = [.. Stages.Select(stage => stage.Rate).Distinct().Select(rate => new Stage(rate, ranks))] };

    public Scope WithNetworks(IReadOnlyList<string> networks) => this with { Networks = networks, Closer = networks };

    /// <summary>The schedules' runs of a stage, turn by turn, number of ranks by number of ranks. One device uses no link: it is measured in the first stage that has it.</summary>
    public IEnumerable<Run> SchedulesOf(Stage stage) => !Parts.Contains(Part.Schedules) ? [] :
        from turn in Enumerable.Range(1, Turns)
        from ranks in stage.Ranks
        where ranks > 1 || Stages.First(other => other.Ranks.Contains(1)) == stage
        from network in Networks
        from schedule in Schedules
        where schedule.IsOneDevice == (ranks == 1)
        let run = new Run(Part.Schedules, network, ranks, stage.Rate, schedule, turn)
        where turn == 1 || !run.IsBoundByLinks
        select run;

    /// <summary>The networks whose front is measured in this stage, on its most ranks.</summary>
    public IEnumerable<string> FrontsOf(Stage stage) =>
        Parts.Contains(Part.Front) && Hosts > 1 && stage == (Largest.FirstOrDefault(other => other.Rate == FrontRate) ?? Largest.First()) ? Closer : [];

    /// <summary>The runs of a stage on devices of which one has half the speed.</summary>
    public IEnumerable<Run> UnevenOf(Stage stage) => !Parts.Contains(Part.Uneven) || Hosts == 1 || !s_unevenRates.Contains(stage.Rate) || stage != Largest.FirstOrDefault(other => other.Rate == stage.Rate) ? [] :
        from turn in Enumerable.Range(1, Turns)
        from network in Closer
        from schedule in Schedule.Uneven
        select new Run(Part.Uneven, network, Hosts, stage.Rate, schedule, turn);
}
