namespace DeeperThings.Models;

/// <summary>Nothing at inference: Darknet's <c>dropout</c> and <c>cost</c>.</summary>
public sealed record Identity : Layer
{
    public override bool IsIdentity => true;
}
