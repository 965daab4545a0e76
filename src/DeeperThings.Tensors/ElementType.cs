namespace DeeperThings.Tensors;

/// <summary>How a number is stored. Computed with is float32 in any case.</summary>
public enum ElementType
{
    /// <summary>IEEE 754 binary32.</summary>
    Float32,

    /// <summary>IEEE 754 binary16, rounded to nearest even.</summary>
    Float16,
}
