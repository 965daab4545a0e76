using System.Security.Cryptography;
using System.Text;
using DeeperThings.Tensors;

namespace DeeperThings.Models.Darknet;

/// <summary>
/// Imports Darknet's cfg files, with the semantics of its CPU inference as of September 2018 (Debian's package), but for one: a 1x1 convolution with a stride
/// reads every stride-th position, as everywhere else; that version's CPU code forgets the stride.
/// </summary>
public static class DarknetNetwork
{
    /// <summary>Largest number of channels, rows or columns of a feature map.</summary>
    public const int MaxDimension = 65536;

    /// <summary>Largest window (and padding) of a convolution or pooling.</summary>
    public const int MaxWindow = 4096;

    /// <summary>Largest number of elements of a feature map, and of parameters of a network.</summary>
    public const long MaxElements = int.MaxValue;

    /// <summary>Largest number of floating-point operations of a network.</summary>
    public const long MaxFlops = 1_000_000_000_000_000_000;

    /// <param name="cfgPath">The cfg file.</param>
    /// <param name="inputOverride">Other rows and columns of the network's input than the file's <c>height</c> and <c>width</c>; the channels must be the same.</param>
    /// <exception cref="ModelException">The file cannot be read or does not describe a supported network.</exception>
    public static Network Load(string cfgPath, Shape? inputOverride = null)
    {
        ArgumentNullException.ThrowIfNull(cfgPath);
        byte[] bytes = CfgFile.ReadBytes(cfgPath);
        List<CfgSection> sections = CfgFile.Parse(cfgPath, bytes);
        if (sections.Count == 0)
        {
            throw new ModelException($"{cfgPath}: no section in {bytes.Length} bytes; the file must begin with [net]");
        }

        CfgSection net = sections[0];
        if (!IsNet(net))
        {
            throw net.Error("is the first section; the file must begin with [net]");
        }

        if (sections.Count == 1)
        {
            throw net.Error("is the only section; at least one layer is needed");
        }

        Shape input = InputShape(net);
        bool isOverridden = inputOverride is { } other && other != input;
        if (isOverridden)
        {
            input = Override(net, input, inputOverride!.Value);
        }

        var builder = new DarknetNetworkBuilder(input);
        foreach (CfgSection section in sections.Skip(1))
        {
            if (IsNet(section))
            {
                throw section.Error("stands a second time; only the first section may be [net]");
            }

            builder.Add(section);
        }

        return new Network(Path.GetFileNameWithoutExtension(cfgPath), input, builder.Layers, Digest(bytes, isOverridden ? input : null));
    }

    private static bool IsNet(CfgSection section) => section.Name is "net" or "network";

    private static Shape InputShape(CfgSection net)
    {
        var input = new Shape(
            net.RequiredInt("channels", 1, MaxDimension), net.RequiredInt("height", 1, MaxDimension), net.RequiredInt("width", 1, MaxDimension));
        return input.Count <= MaxElements ? input : throw net.Error($"input {input} has {input.Count} elements; at most {MaxElements} are allowed");
    }

    private static Shape Override(CfgSection net, Shape own, Shape input)
    {
        if (input.Channels != own.Channels)
        {
            throw net.Error("channels", $"an input of {input} was asked for; the channels cannot be changed");
        }

        bool isAllowed = input is { Rows: >= 1 and <= MaxDimension, Columns: >= 1 and <= MaxDimension } && input.Count <= MaxElements;
        return isAllowed ? input : throw net.Error($"an input of {input} was asked for; rows and columns from 1 to {MaxDimension} are allowed");
    }

    private static string Digest(byte[] bytes, Shape? inputOverride)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(bytes);
        if (inputOverride is { } input)
        {
            hash.AppendData(Encoding.ASCII.GetBytes($"\ninput={input}"));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
