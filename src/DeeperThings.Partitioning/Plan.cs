using System.Collections.Immutable;
using System.Text.Json.Serialization;
using DeeperThings.Kernels;
using DeeperThings.Models;
using DeeperThings.Tensors;

namespace DeeperThings.Partitioning;

/// <summary>How every layer of a network is run on a number of ranks. Made once, stored as JSON, executed by every rank.</summary>
public sealed record Plan
{
    /// <summary>Version of the file format and of the rules by which a plan is lowered.</summary>
    public const int CurrentVersion = 2;

    /// <summary>Largest number of ranks of a plan.</summary>
    public const int MostRanks = 1024;

    public required int Version { get; init; }

    /// <summary>Name of the model, for readers.</summary>
    public required string Model { get; init; }

    /// <summary>SHA-256 of the model file.</summary>
    public required string ModelDigest { get; init; }

    /// <summary><see cref="WeightsDigest"/> of each rank; null for a plan that was made without weights.</summary>
    public ImmutableArray<string>? WeightsDigests { get; init; }

    public required int Ranks { get; init; }

    /// <summary>What was asked for, e.g. <c>layer-output</c>, for readers.</summary>
    public required string Strategy { get; init; }

    /// <summary>Which way feature maps go; not written where it is <see cref="ScheduleKind.Peers"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ScheduleKind Schedule { get; init; }

    public required ImmutableArray<LayerPlan> Layers { get; init; }

    /// <summary>Whether weights are stored as float16 in memory.</summary>
    [JsonIgnore]
    public bool HasFloat16Weights => !Layers.IsDefault && Layers.Any(layer => layer.Weights == ElementType.Float16);

    public required PlanCounts Counts { get; init; }

    /// <summary>For readers; null where the plan was made by one rule for all layers.</summary>
    public PlanPrediction? Prediction { get; init; }

    /// <summary>Makes a plan of <paramref name="layers"/> and counts it.</summary>
    /// <exception cref="PlanException">A layer cannot be run as planned.</exception>
    public static Plan Create(Network network, int ranks, string strategy, ImmutableArray<LayerPlan> layers, ScheduleKind schedule = ScheduleKind.Peers)
    {
        PlanCounts counts = PlanCounts.Of(Lowering.AllRanks(network, layers, ranks, schedule));
        return new()
        {
            Version = CurrentVersion,
            Model = network.Name,
            ModelDigest = network.Digest,
            Ranks = ranks,
            Strategy = strategy,
            Schedule = schedule,
            Layers = layers,
            Counts = counts,
        };
    }

    /// <summary>The same plan, which only runs with what <paramref name="source"/> holds now.</summary>
    /// <exception cref="ModelException">The weights cannot be read.</exception>
    public Plan For(Network network, IWeightSource source) =>
        this with { WeightsDigests = WeightsDigest.OfRanks(network, ProgramsFor(network), source) };

    /// <summary>Checks that this is a plan for <paramref name="network"/> that can be run.</summary>
    /// <exception cref="PlanException">It is not.</exception>
    public void Validate(Network network)
    {
        if (ModelDigest != network.Digest)
        {
            throw new PlanException($"the plan is for model {Model} ({Short(ModelDigest)}), not for {network.Name} ({Short(network.Digest)}); make a new plan");
        }

        if (Ranks is < 1 or > MostRanks || !Counts.HaveRanks(Ranks))
        {
            throw new PlanException($"the plan is for {Ranks} ranks and has counts for {Counts.FootprintBytes.Length}; allowed are 1 to {MostRanks}, with counts for each");
        }

        if (WeightsDigests is { } digests && (digests.IsDefault || digests.Length != Ranks))
        {
            throw new PlanException($"the plan is for {Ranks} ranks and has digests of weights for {(digests.IsDefault ? 0 : digests.Length)}");
        }

        if (Layers.IsDefault || Layers.Length != network.Layers.Length)
        {
            throw new PlanException($"the plan has {Layers.Length} layers; {network.Name} has {network.Layers.Length}");
        }

        if (!Enum.IsDefined(Schedule))
        {
            throw new PlanException($"schedule {Schedule}: allowed are {string.Join(", ", Enum.GetNames<ScheduleKind>())}");
        }

        foreach (Layer layer in network.Layers)
        {
            Validate(Layers[layer.Index], layer, Ranks);
        }
    }

    /// <summary>Checks that <paramref name="plan"/> is a possible way to run <paramref name="layer"/>.</summary>
    /// <exception cref="PlanException">It is not.</exception>
    public static void Validate(LayerPlan plan, Layer layer, int ranks)
    {
        string where = $"layer {layer.Name}";
        if (plan.Index != layer.Index)
        {
            throw new PlanException($"{where}: the plan has layer {plan.Index} in its place");
        }

        if (layer.IsIdentity != (plan.Strategy == Partitioning.Strategy.Identity))
        {
            throw new PlanException($"{where}: strategy {plan.Strategy} is not possible");
        }

        if (layer.IsIdentity)
        {
            return;
        }

        Partition output = plan.Output ?? throw new PlanException($"{where}: the plan does not say how its output lies");
        bool fits = plan.Strategy switch
        {
            Partitioning.Strategy.Whole => output is Everywhere or OnRoot,
            Partitioning.Strategy.Tiled => output is (Tiles or OverlappingTiles) && layer.IsSpatiallyLocal,
            Partitioning.Strategy.LayerOutput => output is Shards && layer.SplitsOutputChannels && layer is WeightedLayer,
            Partitioning.Strategy.Channelwise => output is Shards && layer.SplitsOutputChannels && (layer is not WeightedLayer || layer.GroupCount > 1),
            Partitioning.Strategy.LayerInput => output.IsDisjoint && layer.SumsOverInputChannels && plan.Inputs is not null,
            _ => false,
        };
        if (!fits)
        {
            throw new PlanException($"{where}: strategy {plan.Strategy} with output {output} is not possible");
        }

        if (plan.Algorithm != ConvolutionAlgorithm.Direct && !(layer is Models.Convolution convolution && convolution.KernelShape(ConvolutionAlgorithm.Direct).CanWinograd))
        {
            throw new PlanException($"{where}: algorithm {plan.Algorithm} is not possible");
        }

        if (plan.Workspace != Workspace.Fastest && layer is not Models.Convolution)
        {
            throw new PlanException($"{where}: workspace {plan.Workspace} is not possible");
        }

        if (plan.Weights != ElementType.Float32 && !(plan.Weights == ElementType.Float16 && layer is WeightedLayer))
        {
            throw new PlanException($"{where}: weights as {plan.Weights} are not possible");
        }

        if (plan.Wire is not (ElementType.Float32 or ElementType.Float16))
        {
            throw new PlanException($"{where}: output sent as {plan.Wire} is not possible");
        }

        bool hasStrips = plan.Streams || plan.StripRows != 0;
        if (plan.StripRows < 0
            || (plan.Streams && (plan.StripRows != 0 || plan.Strategy == Partitioning.Strategy.LayerInput))
            || (hasStrips && !(layer.IsSpatiallyLocal && layer.SplitsOutputChannels && layer is not Models.LocallyConnected)))
        {
            throw new PlanException($"{where}: strips of {plan.StripRows} rows{(plan.Streams ? " of a streamed output" : string.Empty)} are not possible with strategy {plan.Strategy}");
        }

        output.Validate(layer.Output, ranks, where);
        if (plan.Strategy == Partitioning.Strategy.LayerInput)
        {
            new Shards(plan.Inputs!).Validate(layer.InputShapes[0], ranks, $"{where}, inputs");
        }
    }

    /// <summary>Lowers the plan for all ranks.</summary>
    /// <exception cref="PlanException">A layer cannot be run as planned.</exception>
    public RankProgram[] ProgramsFor(Network network) => Lowering.AllRanks(network, Layers, Ranks, Schedule);

    /// <summary>Lowers the plan for one rank.</summary>
    /// <exception cref="PlanException">The plan's counts are not those of its layers.</exception>
    public RankProgram ProgramFor(Network network, int rank)
    {
        RankProgram program = Lowering.ForRank(network, Layers, Ranks, rank, Schedule);
        return Counts.Match(program)
            ? program
            : throw new PlanException($"the plan's counts for rank {rank} are not those of its layers: it was changed, or made by another build; make it again");
    }

    private static string Short(string digest) => digest.Length > 12 ? digest[..12] : digest;
}
