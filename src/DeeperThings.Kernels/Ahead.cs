namespace DeeperThings.Kernels;

/// <summary>Memory that is needed next: a micro-kernel begins to load it, one place at each step of k, while it computes. A piece of it for each of some micro-kernels.</summary>
/// <param name="first">Where the piece begins.</param>
/// <param name="stride">Floats from one piece to the next.</param>
/// <param name="step">Floats from one place to the next.</param>
internal readonly unsafe struct Ahead(float* first, nint stride, nint step)
{
    /// <summary>Memory in one run, in equal pieces.</summary>
    /// <param name="first">Where the memory begins.</param>
    /// <param name="floats">Its length; 0 for none.</param>
    /// <param name="pieces">Micro-kernels that share it.</param>
    /// <param name="steps">Steps of k of each.</param>
    public Ahead(float* first, int floats, int pieces, int steps)
        : this(first, floats / pieces, ((floats / pieces) + steps - 1) / steps)
    {
    }

    /// <summary>Nothing more than what is in the nearest cache anyway.</summary>
    public static Ahead Nothing(float* near) => new(near, 0, 0);

    public float* First => first;

    public nint Step => step;

    /// <summary>The piece of the micro-kernel that follows.</summary>
    public Ahead Next => new(first + stride, stride, step);
}
