using System.Collections.Immutable;
using DeeperThings.Kernels;
using DeeperThings.Mpi;
using DeeperThings.Models;
using DeeperThings.Partitioning;
using DeeperThings.Tensors;

namespace DeeperThings.Execution;

/// <content>Redistribution and reduction over the communicator.</content>
public sealed partial class Executor
{
    private void Redistribute(RedistributeStep step)
    {
        FeatureMap source = _memory.Map(step.Source);
        FeatureMap target = _memory.Map(step.Target);
        ImmutableArray<Message> receives = step.Receives;
        for (int i = 0; i < receives.Length; i++)
        {
            _exchange.Receive(MessageBuffer(receives[i], target), receives[i].Peer, step.Tag);
        }

        Send(step.Sends, source, step.Tag);
        source.CopyTo(target, step.Local);
        if (!step.IsOpen)
        {
            Finish(receives, target);
        }
    }

    private void Finish(ImmutableArray<Message> receives, FeatureMap target)
    {
        _exchange.Wait();
        for (int i = 0; i < receives.Length; i++)
        {
            Unpack(receives[i], target);
        }
    }

    private void ReduceScatter(ReduceScatterStep step)
    {
        FeatureMap partial = _memory.Map(step.Partial);
        ImmutableArray<PartialSum> sums = step.Sums;
        for (int i = 0; i < sums.Length; i++)
        {
            if (sums[i].Peer != Program.Rank)
            {
                _exchange.Receive(_memory.Map(sums[i].Place).Memory, sums[i].Peer, step.Tag);
            }
        }

        Send(step.Sends, partial, step.Tag);
        _exchange.Wait();
        if (sums.Length == 0)
        {
            return;
        }

        FeatureMap output = _memory.Map(step.Output);
        _memory.Map(sums[0].Place).CopyTo(output, step.Region);
        for (int i = 1; i < sums.Length; i++)
        {
            Elementwise.Add(_memory.Map(sums[i].Place), output, step.Region);
        }

        Elementwise.AddBias(output, step.Region, _memory.Weights(step.Biases), ((WeightedLayer)_network.Layers[step.Layer]).Activation);
        Round(step, output, step.Region);
    }

    private static void Round(Step step, FeatureMap output, Region region)
    {
        if (step.Rounding == ElementType.Float16)
        {
            Float16Map.Round(output, region);
        }
    }

    private void Send(ImmutableArray<Message> sends, FeatureMap source, int tag)
    {
        for (int i = 0; i < sends.Length; i++)
        {
            Pack(sends[i], source);
            _exchange.Send(MessageBuffer(sends[i], source), sends[i].Peer, tag);
        }
    }

    /// <summary>The message's own memory, or the map's where the message is sent from or received in its place.</summary>
    private NativeBuffer MessageBuffer(Message message, FeatureMap map) =>
        message.Staging is { } staging ? _memory.Floats(staging) : map.Slice(message.Pieces[0]);

    private void Pack(Message message, FeatureMap source)
    {
        if (message.Staging is { } staging)
        {
            long start = 0;
            foreach (Region piece in message.Pieces)
            {
                if (message.Type == ElementType.Float16)
                {
                    Float16Map.Pack(source, piece, _memory.Floats(staging), start);
                }
                else
                {
                    source.CopyTo(Packed(staging, piece, start), piece);
                }

                start += piece.Count;
            }
        }
    }

    private void Unpack(Message message, FeatureMap target)
    {
        if (message.Staging is { } staging)
        {
            long start = 0;
            foreach (Region piece in message.Pieces)
            {
                if (message.Type == ElementType.Float16)
                {
                    Float16Map.Unpack(_memory.Floats(staging), start, target, piece);
                }
                else
                {
                    Packed(staging, piece, start).CopyTo(target, piece);
                }

                start += piece.Count;
            }
        }
    }

    private FeatureMap Packed(FloatPlace staging, Region piece, long start) => new(_memory.Floats(staging).Slice(start, piece.Count), piece);
}
