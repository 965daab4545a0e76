using System.Text;
using DeeperThings.TestSupport;

namespace DeeperThings.Cli.Tests;

/// <summary>Each kind of bad input, under six real ranks: all end within ten seconds with one line and the right exit code, and leave nothing half-written.</summary>
[Collection(nameof(Alone))]
public sealed class BadInput : TemporaryFolder
{
    private const int Ranks = 6;
    private const int CallersFault = 2;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    private string Results => PathOf("results");

    [Fact]
    public void Truncated_weights() => Fails("4000000 bytes found, 5968600 expected", "--weights", Damaged("truncated.weights", bytes => bytes[..4_000_000]));

    [Fact]
    public void Trailing_bytes_behind_the_weights() => Fails("5968604 bytes found, 5968600 expected", "--weights", Damaged("long.weights", bytes => [.. bytes, 1, 2, 3, 4]));

    [Fact]
    public void Missing_weights() => Fails("nowhere.weights", "--weights", PathOf("nowhere.weights"));

    [Fact]
    public void Unknown_section_in_the_cfg() => FailsWithModel("[maxpool]", "[maxtool]", "maxtool");

    [Fact]
    public void Negative_size_in_the_cfg() => FailsWithModel("filters=32", "filters=-32", "-32");

    [Fact]
    public void Route_to_a_layer_that_is_not_there() => FailsWithModel("layers=-1,-4", "layers=-1,77", "77");

    [Fact]
    public void Absurd_dimensions_in_the_cfg() => FailsWithModel("width=416", "width=2000000000", "2000000000");

    [Fact]
    public void A_cfg_that_is_no_text() => FailsWithModelBytes([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 3], "signs.cfg");

    [Fact]
    public void A_picture_that_does_not_decode()
    {
        string picture = PathOf("broken.jpg");
        File.WriteAllBytes(picture, File.ReadAllBytes(Path.Combine(Signs.Samples, "sample0000.jpg"))[..200]);
        Start(Signs.Model, SharedPlan, picture).FailedWith(CallersFault, "broken.jpg");
        Assert.Empty(Directory.GetFiles(Results, "broken*"));
    }

    [Fact]
    public void An_input_that_is_not_there() => Start(Signs.Model, SharedPlan, PathOf("nothing.png")).FailedWith(CallersFault, "nothing.png");

    [Fact]
    public void A_tensor_of_another_shape()
    {
        string tensor = PathOf("small.npy");
        Vision.Npy.Write(tensor, new(3, 2, 2), new float[12]);
        Start(Signs.Model, SharedPlan, tensor).FailedWith(CallersFault, "small.npy");
    }

    [Fact]
    public void A_plan_for_another_model() =>
        Start(Signs.Model, Signs.Plan(Folder, Ranks, "tiled", Repository.PathOf("models", "alexnet.cfg"))).FailedWith(CallersFault, "the plan is for model alexnet");

    [Fact]
    public void A_plan_for_another_number_of_ranks() =>
        Start(Signs.Model, Signs.Plan(Folder, 5, "tiled")).FailedWith(CallersFault, "plan for 5 ranks, started with 6");

    [Fact]
    public void A_plan_of_an_older_version()
    {
        string old = PathOf("old.json");
        File.WriteAllText(old, File.ReadAllText(SharedPlan).Replace("\"version\": 2", "\"version\": 0", StringComparison.Ordinal));
        Start(Signs.Model, old).FailedWith(CallersFault, "plan of version 0");
    }

    [Fact]
    public void A_plan_that_was_cut_off()
    {
        string cut = PathOf("cut.json");
        File.WriteAllText(cut, File.ReadAllText(SharedPlan)[..500]);
        Start(Signs.Model, cut).FailedWith(CallersFault, "cut.json: no plan");
    }

    [Fact]
    public void A_plan_for_other_weights() => Fails("made for other weights", "--weights", Damaged("other.weights", Flip));

    [Fact]
    public void A_plan_over_the_memory_limit() => Fails("more than --memory-limit 5MB", "--memory-limit", "5MB");

    [Fact]
    public void One_rank_with_other_weights_is_named() => FailsOnRank(4, "--weights", Damaged("other.weights", Flip), Signs.Weights, "rank 4 (");

    [Fact]
    public void One_rank_with_another_plan_is_named()
    {
        string other = PathOf("other.json");
        File.WriteAllText(other, File.ReadAllText(SharedPlan) + " ");
        FailsOnRank(3, "--plan", other, SharedPlan, "rank 3 (");
    }

    [Fact]
    public void One_rank_with_another_model_is_named()
    {
        string other = PathOf("signs.cfg");
        File.WriteAllText(other, File.ReadAllText(Signs.Model) + "# another\n");
        FailsOnRank(2, "MODEL", other, Signs.Model, "rank 2 (");
    }

    [Fact]
    public void One_rank_without_weights_is_named() => FailsOnRank(5, "--weights", PathOf("nowhere.weights"), Signs.Weights, "rank 5 (");

    [Theory]
    [InlineData("--repeat", "0")]
    [InlineData("--threads", "-1")]
    [InlineData("--threshold", "2")]
    [InlineData("--preprocess", "sharpen")]
    [InlineData("--memory-limit", "much")]
    [InlineData("--timeout", "0")]
    public void A_value_that_is_not_allowed(string option, string value) =>
        Command.Run("run", Signs.Model, "--in-process", "--plan", SharedPlan, "--input", Signs.Samples, "--output", Results, option, value).FailedWith(CallersFault, $"{option} {value}");

    [Theory]
    [InlineData("plan", "--ranks", "0")]
    [InlineData("plan", "--ranks", "many")]
    [InlineData("plan", "--strategy", "random")]
    [InlineData("bench", "--repeat", "0")]
    [InlineData("run", "--nonsense", "1")]
    public void Arguments_that_are_not_allowed(string verb, string option, string value)
    {
        string[] rest = verb == "plan" && option == "--ranks" ? ["--strategy", "tiled"] : verb == "plan" ? ["--ranks", "2"] : [];
        Command.Run([verb, Signs.Model, option, value, .. rest]).FailedWith(CallersFault, option.TrimStart('-'));
    }

    [Fact]
    public void A_plan_into_a_folder_that_is_not_there() =>
        Command.Run("plan", Signs.Model, "--ranks", "2", "--strategy", "tiled", "-o", PathOf("no/plan.json")).FailedWith(CallersFault, "plan.json");

    private string SharedPlan => Signs.Plan(Folder, Ranks, "tiled");

    private void Fails(string expected, params string[] options) => Start(Signs.Model, SharedPlan, Signs.Samples, options).FailedWith(CallersFault, expected);

    private void FailsWithModel(string text, string replacement, string expected)
    {
        string changed = File.ReadAllText(Signs.Model).Replace(text, replacement, StringComparison.Ordinal);
        Assert.Contains(replacement, changed, StringComparison.Ordinal);
        FailsWithModelBytes(Encoding.UTF8.GetBytes(changed), expected);
    }

    private void FailsWithModelBytes(byte[] cfg, string expected)
    {
        string model = PathOf("signs.cfg");
        File.WriteAllBytes(model, cfg);
        Start(model, SharedPlan, Signs.Samples, ["--weights", Signs.Weights]).FailedWith(CallersFault, expected);
    }

    private Finished Start(string model, string plan, string? input = null, string[]? options = null) =>
        Command.Mpiexec(Ranks, s_limit, ["run", model, "--plan", plan, "--input", input ?? Signs.Samples, "--output", Results, .. options ?? []]);

    /// <summary>Starts six ranks of which one has another file for an option.</summary>
    private void FailsOnRank(int rank, string option, string file, string usual, string expected)
    {
        string[] Arguments(string path)
        {
            string model = option == "MODEL" ? path : Signs.Model;
            string plan = option == "--plan" ? path : SharedPlan;
            string weights = option == "--weights" ? path : Signs.Weights;
            return ["-n", "1", Command.Program, "run", model, "--plan", plan, "--weights", weights, "--input", Signs.Samples, "--output", Results];
        }

        IEnumerable<string> all = Enumerable.Range(0, Ranks).SelectMany(r => (string[])[.. r > 0 ? [":"] : Array.Empty<string>(), .. Arguments(r == rank ? file : usual)]);
        Command.Start("mpiexec.hydra", all, s_limit, Command.NoEnvironment).FailedWith(CallersFault, expected);
    }

    private string Damaged(string name, Func<byte[], byte[]> change)
    {
        string path = PathOf(name);
        File.WriteAllBytes(path, change(File.ReadAllBytes(Signs.Weights)));
        return path;
    }

    private static byte[] Flip(byte[] weights)
    {
        weights[3_000_001] ^= 1;
        return weights;
    }
}
