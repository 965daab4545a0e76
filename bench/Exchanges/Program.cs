// Ways to order the messages of a redistribution, measured: all at once, or in rounds.
//   tools/cluster/cluster run -n 6 -- artifacts/bin/Exchanges/release/Exchanges [MEGABYTES] [REPEAT]
// Seconds are the slowest rank's, medians; "wire" is the busiest link's bytes over the rate of one message between two ranks.
using System.Diagnostics;
using System.Runtime.InteropServices;
using DeeperThings.Mpi;
using DeeperThings.Tensors;

int floats = (int)((args.Length > 0 ? double.Parse(args[0]) : 1) * 1e6 / sizeof(float));
int repeat = args.Length > 1 ? int.Parse(args[1]) : 5;
return MpiProgram.Run(comm => Measure(comm, floats, repeat), Console.Error, _ => 1);

static int Measure(Communicator comm, int floats, int repeat)
{
    int size = comm.Size;
    using var arena = new Arena(2L * size * floats * sizeof(float));
    NativeBuffer send = arena.Buffer(0, (long)size * floats);
    NativeBuffer receive = arena.Buffer((long)size * floats * sizeof(float), (long)size * floats);
    send.Span.Fill(1);
    receive.Span.Clear();
    Exchange exchange = comm.CreateExchange(2 * size);
    double rate = 0;
    if (size > 1)
    {
        double pair = Median(comm, repeat, () => Run(comm, exchange, send, receive, (from, to) => from == 0 && to == 1 ? floats : 0, rounds: false));
        rate = floats * sizeof(float) / pair;
        double small = Median(comm, 50, () =>
        {
            Run(comm, exchange, send, receive, (from, to) => from == 0 && to == 1 ? 16 : 0, rounds: false);
            Run(comm, exchange, send, receive, (from, to) => from == 1 && to == 0 ? 16 : 0, rounds: false);
        });
        Print(comm, $"{size} ranks, {floats * sizeof(float) / 1e6:F2} MB each: one message {rate * 8 / 1e6:F1} Mbit/s, small one way {small / 2 * 1e6:F0} us");
    }

    var patterns = new Dictionary<string, Func<int, int, int>>
    {
        ["allgather"] = (_, _) => floats,
        ["all-to-all"] = (_, _) => floats / size,
        ["halo"] = (from, to) => Math.Abs(from - to) == 1 ? floats / 8 : 0,
        ["scatter"] = (from, _) => from == 0 ? floats : 0,
        ["gather"] = (_, to) => to == 0 ? floats : 0,
        ["all-to-all, 4 KB"] = (_, _) => 1024,
    };
    Print(comm, "| pattern | wire ms | at once ms | rounds ms | ratio at once | ratio rounds |");
    Print(comm, "|---|---|---|---|---|---|");
    foreach ((string name, Func<int, int, int> count) in patterns)
    {
        double bytes = Enumerable.Range(0, size).Max(rank => Math.Max(
            Enumerable.Range(0, size).Where(peer => peer != rank).Sum(peer => count(rank, peer)),
            Enumerable.Range(0, size).Where(peer => peer != rank).Sum(peer => count(peer, rank)))) * (double)sizeof(float);
        double wire = bytes / rate;
        double together = Median(comm, repeat, () => Run(comm, exchange, send, receive, count, rounds: false));
        double rounds = Median(comm, repeat, () => Run(comm, exchange, send, receive, count, rounds: true));
        Print(comm, $"| {name} | {wire * 1e3:F1} | {together * 1e3:F1} | {rounds * 1e3:F1} | {together / wire:F2} | {rounds / wire:F2} |");
    }

    return 0;
}

static void Run(Communicator comm, Exchange exchange, NativeBuffer send, NativeBuffer receive, Func<int, int, int> count, bool rounds)
{
    int size = comm.Size;
    int place = send.Span.Length / size;
    for (int k = 1; k < size; k++)
    {
        int from = (comm.Rank - k + size) % size;
        int to = (comm.Rank + k) % size;
        exchange.Receive(receive.Slice((long)from * place, count(from, comm.Rank)), from, 0);
        exchange.Send(send.Slice((long)to * place, count(comm.Rank, to)), to, 0);
        if (rounds)
        {
            exchange.Wait();
        }
    }

    exchange.Wait();
}

static double Median(Communicator comm, int repeat, Action action)
{
    double[] seconds = new double[repeat];
    action();
    for (int i = 0; i < repeat; i++)
    {
        comm.Barrier();
        long begin = Stopwatch.GetTimestamp();
        action();
        double mine = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        double[] all = new double[comm.Size];
        comm.Allgather(MemoryMarshal.AsBytes(new ReadOnlySpan<double>(ref mine)), MemoryMarshal.AsBytes(all.AsSpan()));
        seconds[i] = all.Max();
    }

    Array.Sort(seconds);
    return seconds[repeat / 2];
}

static void Print(Communicator comm, string line)
{
    if (comm.Rank == 0)
    {
        Console.WriteLine(line);
    }
}
