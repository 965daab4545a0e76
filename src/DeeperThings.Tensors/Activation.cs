namespace DeeperThings.Tensors;

/// <summary>Element-wise functions after a layer, with Darknet's definitions (<c>activations.h</c>).</summary>
public enum Activation
{
    /// <summary>x</summary>
    Linear,

    /// <summary>x &gt; 0 ? x : 0.1·x</summary>
    Leaky,

    /// <summary>max(x, 0)</summary>
    Relu,

    /// <summary>1 / (1 + e^-x)</summary>
    Logistic,

    /// <summary>2 / (1 + e^-x) - 1</summary>
    Loggy,

    /// <summary>tanh x, as (e^2x - 1) / (e^2x + 1)</summary>
    Tanh,

    /// <summary>x ≥ 0 ? x : e^x - 1</summary>
    Elu,

    /// <summary>x ≥ 0 ? 1.0507·x : 1.0507·1.6732·(e^x - 1)</summary>
    Selu,

    /// <summary>x &gt; 0 ? x : 0.01·x</summary>
    Relie,

    /// <summary>max(x, 0) + 0.1·x</summary>
    Ramp,

    /// <summary>x clamped to [-1, 1]</summary>
    HardTan,

    /// <summary>x &lt; 0 ? 0.001·x : x &gt; 1 ? 0.001·(x - 1) + 1 : x</summary>
    LhTan,

    /// <summary>x &lt; -4 ? 0.01·(x + 4) : x &gt; 4 ? 0.01·(x - 4) + 1 : 0.125·x + 0.5</summary>
    Plse,

    /// <summary>Darknet's staircase: floor(x) even ? floor(x / 2) : x - floor(x) + floor(x / 2)</summary>
    Stair,
}
