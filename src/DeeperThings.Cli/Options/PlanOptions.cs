using DeeperThings.Partitioning;
using DeeperThings.Clusters;
using DeeperThings.Planning.Layout;
using DeeperThings.Ranks.Options;
using DeeperThings.Tensors;

namespace DeeperThings.Cli.Options;

/// <summary><c>plan</c></summary>
internal sealed class PlanOptions : ModelOptions
{
    private const string Auto = "auto";

    public PlanOptions()
        : base("plan", "Decide how each layer is split over the ranks.")
    {
        Required<int>("--ranks", "N", "Number of ranks, 1 to 1024.", value => Ranks = value);
        Option("--strategy", "S", "auto: an integer program chooses for each layer; or one rule for all: layer-output, layer-input, fused-weights, tiled, whole.", Auto, value => Strategy = value);
        Option("--objective", "O", "What is minimised: latency, communication or footprint.", "latency", value => ObjectiveName = value);
        Option<string>("--footprint-limit", "SIZE", "Weights and arena that no rank may exceed, e.g. 64MB.", value => FootprintLimit = value);
        Option<string>("--cluster", "NAME|FILE", "The devices: a preset (six-pi3-100mbit, six-pi4-1gbit, mixed-pi3-pi4) or a JSON file. Default: as many as needed like six-pi3-100mbit.", value => Cluster = value);
        Option("--formulation", "F", "layout: the joint program; paper: the paper's two programs.", "layout", value => Formulation = value);
        Option("--wire", "TYPE", "How feature maps may be sent: float32, or float16 for half the bytes where that makes the plan better (with --strategy: wherever a map moves); they are rounded where they are computed. The network's input and outputs stay float32.", "float32", value => Wire = value);
        Option("--schedule", "S", "peers: ranks send each other what they need; star: everything passes the root, as in the paper.", "peers", value => ScheduleName = value);
        Option<int>("--first-layer", "L", "With --formulation paper: first layer of the communication program, instead of the break.", value => FirstLayer = value);
        Flag("--pareto", "Print the front of seconds over footprint instead of one plan.", value => Pareto = value);
        Option<string>("--picture", "FILE", "Draw who holds what, or with --pareto the front, as .svg.", value => Picture = value);
        Option("--output", "FILE", "Where to write the plan; - prints it.", "-", value => Output = value, "-o");
    }

    public int Ranks { get; private set; }

    public string Strategy { get; private set; } = Auto;

    public string ObjectiveName { get; private set; } = "latency";

    public string? FootprintLimit { get; private set; }

    public string? Cluster { get; private set; }

    public string Formulation { get; private set; } = "layout";

    public string Wire { get; private set; } = "float32";

    public string ScheduleName { get; private set; } = "peers";

    public int? FirstLayer { get; private set; }

    public bool Pareto { get; private set; }

    public string? Picture { get; private set; }

    public string Output { get; private set; } = "-";

    /// <summary>Checks what the parser cannot.</summary>
    /// <exception cref="UsageException">A value is not allowed.</exception>
    public void Validate()
    {
        if (Ranks is < 1 or > Plan.MostRanks)
        {
            throw new UsageException($"--ranks {Ranks}: allowed are 1 to {Plan.MostRanks}");
        }

        if (Formulation is not ("layout" or "paper"))
        {
            throw new UsageException($"--formulation {Formulation}: allowed are layout, paper");
        }

        bool joint = Formulation == "layout" && ParseStrategy() is null;
        if (Pareto && !joint)
        {
            throw new UsageException("--pareto: allowed with --strategy auto and --formulation layout only");
        }

        if (FirstLayer is not null && Formulation != "paper")
        {
            throw new UsageException("--first-layer: allowed with --formulation paper only");
        }

        if (FootprintLimit is not null && !joint)
        {
            throw new UsageException("--footprint-limit: allowed with --strategy auto and --formulation layout only");
        }

        if (ParseSchedule() == ScheduleKind.Star && joint)
        {
            throw new UsageException("--schedule star: allowed with --formulation paper or one --strategy for all layers; the joint program is for peers");
        }

        if (Picture is not null && Path.GetExtension(Picture) != ".svg")
        {
            throw new UsageException($"--picture {Picture}: allowed are files .svg");
        }

        _ = ParseObjective();
        _ = ParseWire();
        _ = ParseFootprintLimit();
    }

    /// <summary>The rule for all layers; null for auto.</summary>
    /// <exception cref="UsageException">There is no such strategy.</exception>
    public UniformStrategy? ParseStrategy() => Strategy switch
    {
        Auto => null,
        "whole" => UniformStrategy.Whole,
        "tiled" => UniformStrategy.Tiled,
        "layer-output" => UniformStrategy.LayerOutput,
        "layer-input" => UniformStrategy.LayerInput,
        "fused-weights" => UniformStrategy.FusedWeights,
        _ => throw new UsageException($"--strategy {Strategy}: allowed are auto, layer-output, layer-input, fused-weights, tiled, whole"),
    };

    /// <exception cref="UsageException">There is no such schedule.</exception>
    public ScheduleKind ParseSchedule() => ScheduleName switch
    {
        "peers" => ScheduleKind.Peers,
        "star" => ScheduleKind.Star,
        _ => throw new UsageException($"--schedule {ScheduleName}: allowed are peers, star"),
    };

    /// <exception cref="UsageException">There is no such objective.</exception>
    public Objective ParseObjective() => ObjectiveName switch
    {
        "latency" => Objective.Latency,
        "communication" => Objective.Communication,
        "footprint" => Objective.Footprint,
        _ => throw new UsageException($"--objective {ObjectiveName}: allowed are latency, communication, footprint"),
    };

    /// <exception cref="UsageException">There is no such type.</exception>
    public ElementType ParseWire() => Wire switch
    {
        "float32" => ElementType.Float32,
        "float16" => ElementType.Float16,
        _ => throw new UsageException($"--wire {Wire}: allowed are float32, float16"),
    };

    /// <exception cref="UsageException">It is no size.</exception>
    public long? ParseFootprintLimit() => FootprintLimit is null ? null : ByteSize.Parse("--footprint-limit", FootprintLimit);

    /// <exception cref="PlanException">There is no such cluster, or it is too small.</exception>
    public ClusterProfile LoadCluster() => Cluster is null ? ClusterProfile.Default(Ranks) : ClusterProfile.Load(Cluster).ForRanks(Ranks);
}
