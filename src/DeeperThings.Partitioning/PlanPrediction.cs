namespace DeeperThings.Partitioning;

/// <summary>What a planner promises of a plan.</summary>
/// <param name="Cluster">The devices that it was made for.</param>
/// <param name="Objective">What was minimised.</param>
/// <param name="Formulation">The program that was solved.</param>
/// <param name="Seconds">Predicted seconds per inference.</param>
/// <param name="Bound">No plan can be better than this, in the objective's unit.</param>
/// <param name="Optimal">Whether the plan reaches the bound.</param>
public sealed record PlanPrediction(string Cluster, string Objective, string Formulation, double Seconds, double Bound, bool Optimal);
