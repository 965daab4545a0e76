using DeeperThings.Ranks;
using DeeperThings.Ranks.Verbs;

return CommandProgram.Run("deeperthings-rank", "Runs the ranks of a plan: deeperthings without its planner, compiled to native code.", args, ExitCode.For, RankVerbs.Of(args));
