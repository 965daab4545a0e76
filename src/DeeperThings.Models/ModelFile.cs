using System.Collections.Immutable;
using System.Text;
using DeeperThings.Models.Darknet;
using DeeperThings.Tensors;

namespace DeeperThings.Models;

/// <summary>A model as named on the command line, with the files that belong to it.</summary>
public sealed class ModelFile
{
    /// <summary>Stands for the weights file beside the model.</summary>
    public const string Float32 = "float32";

    /// <summary>Stands for the file STEM.float16.weights beside the model.</summary>
    public const string Float16 = "float16";

    private ModelFile(string path, Network network, string weightsPath, bool isFloat16, ImmutableArray<string> classNames)
    {
        ModelPath = path;
        Network = network;
        WeightsPath = weightsPath;
        ClassNames = classNames;
        WeightType = isFloat16 ? ElementType.Float16 : WeightsFile.ElementTypeOf(weightsPath);
    }

    public string ModelPath { get; }

    public Network Network { get; }

    /// <summary>The weights file, whether it is there or not.</summary>
    public string WeightsPath { get; }

    /// <summary>How the weights are stored: as asked for by name, or as the file is.</summary>
    public ElementType WeightType { get; }

    public bool HasWeights => File.Exists(WeightsPath);

    /// <summary>The lines of <c>STEM.names</c> beside the model; empty where that file is not there.</summary>
    public ImmutableArray<string> ClassNames { get; }

    /// <param name="modelPath">A <c>.cfg</c> file.</param>
    /// <param name="weights">
    /// The weights file; by default, or for <see cref="Float32"/>, the one with the same stem beside the model; for <see cref="Float16"/> the one converted to float16 beside it.
    /// </param>
    /// <param name="inputOverride">Other rows and columns of the network's input than the model's own.</param>
    /// <exception cref="ModelException">The model or the class names cannot be used.</exception>
    public static ModelFile Open(string modelPath, string? weights = null, Shape? inputOverride = null)
    {
        ArgumentNullException.ThrowIfNull(modelPath);
        if (!Path.GetExtension(modelPath).Equals(".cfg", StringComparison.OrdinalIgnoreCase))
        {
            throw new ModelException($"{modelPath}: not a known kind of model; a .cfg file is allowed");
        }

        Network network = DarknetNetwork.Load(modelPath, inputOverride);
        return new ModelFile(
            modelPath, network, FindWeights(modelPath, weights), weights == Float16, ReadNames(Path.ChangeExtension(modelPath, ".names"), network));
    }

    /// <exception cref="ModelException">The weights are not there or not those of the model.</exception>
    public IWeightSource OpenWeights() => WeightsFile.Open(WeightsPath, Network);

    private static string FindWeights(string modelPath, string? weights) => weights switch
    {
        null or Float32 => Path.ChangeExtension(modelPath, ".weights"),
        Float16 => Path.ChangeExtension(modelPath, ".float16.weights"),
        _ => weights,
    };

    private static ImmutableArray<string> ReadNames(string path, Network network)
    {
        if (!File.Exists(path))
        {
            return [];
        }

        ImmutableArray<string> names = [.. Encoding.UTF8.GetString(CfgFile.ReadBytes(path)).TrimStart('\uFEFF').TrimEnd().Split('\n').Select(line => line.Trim())];
        long classes = network.Layers[^1] is DetectionHead head ? head.Classes : network.Layers[^1].Output.Count;
        return names.Length == classes
            ? names
            : throw new ModelException($"{path}: {names.Length} names; {network.Name} has {classes} classes");
    }
}
