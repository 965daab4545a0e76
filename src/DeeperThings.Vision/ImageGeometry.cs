namespace DeeperThings.Vision;

/// <summary>
/// Where a picture lies in the network's input: scaled to <see cref="ScaledWidth"/> × <see cref="ScaledHeight"/> with its
/// corner at (<see cref="Left"/>, <see cref="Top"/>), which is negative where it is cropped.
/// </summary>
public readonly record struct ImageGeometry
{
    private ImageGeometry(Preprocessing preprocessing, int width, int height, int inputWidth, int inputHeight, int scaledWidth, int scaledHeight)
    {
        Preprocessing = preprocessing;
        Width = width;
        Height = height;
        InputWidth = inputWidth;
        InputHeight = inputHeight;
        ScaledWidth = scaledWidth;
        ScaledHeight = scaledHeight;
    }

    public Preprocessing Preprocessing { get; }

    /// <summary>Size of the picture, in pixels.</summary>
    public int Width { get; }

    public int Height { get; }

    /// <summary>Size of the network's input.</summary>
    public int InputWidth { get; }

    public int InputHeight { get; }

    /// <summary>Size of the scaled picture, before padding or cropping.</summary>
    public int ScaledWidth { get; }

    public int ScaledHeight { get; }

    // C's division, which rounds to zero; written so that a crop's offset is that of the crop.
    public int Left => InputWidth >= ScaledWidth ? (InputWidth - ScaledWidth) / 2 : -((ScaledWidth - InputWidth) / 2);

    public int Top => InputHeight >= ScaledHeight ? (InputHeight - ScaledHeight) / 2 : -((ScaledHeight - InputHeight) / 2);

    /// <summary>The geometry of a raw network input that no picture was made into.</summary>
    public static ImageGeometry Raw(int inputWidth, int inputHeight) => Of(Preprocessing.None, inputWidth, inputHeight, inputWidth, inputHeight);

    /// <exception cref="InputException"><see cref="Preprocessing.None"/> and the sizes differ.</exception>
    public static ImageGeometry Of(Preprocessing preprocessing, int width, int height, int inputWidth, int inputHeight)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(inputWidth, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(inputHeight, 1);
        int scaledWidth = inputWidth;
        int scaledHeight = inputHeight;
        switch (preprocessing)
        {
            case Preprocessing.Letterbox when (float)inputWidth / width < (float)inputHeight / height:
                scaledHeight = Scale(height, inputWidth, width);
                break;
            case Preprocessing.Letterbox:
                scaledWidth = Scale(width, inputHeight, height);
                break;
            case Preprocessing.Crop when (long)inputWidth * height >= (long)inputHeight * width:
                scaledHeight = Scale(height, inputWidth, width);
                break;
            case Preprocessing.Crop:
                scaledWidth = Scale(width, inputHeight, height);
                break;
            case Preprocessing.None when (width, height) != (inputWidth, inputHeight):
                throw new InputException($"picture of {width}x{height} pixels, not preprocessed; {inputWidth}x{inputHeight} is allowed");
        }

        return new(preprocessing, width, height, inputWidth, inputHeight, scaledWidth, scaledHeight);
    }

    /// <summary>A box relative to the network's input, in pixels of the picture (Darknet's <c>correct_yolo_boxes</c>, in its arithmetic).</summary>
    internal CentredBox ToPicture(CentredBox box)
    {
        // Darknet takes half of the border exactly, although letterbox_image rounds it down. A crop is ours: its own offset.
        double left = Preprocessing == Preprocessing.Crop ? Left : (InputWidth - ScaledWidth) / 2.0;
        double top = Preprocessing == Preprocessing.Crop ? Top : (InputHeight - ScaledHeight) / 2.0;
        float x = (float)((box.X - (left / InputWidth)) / ((float)ScaledWidth / InputWidth));
        float y = (float)((box.Y - (top / InputHeight)) / ((float)ScaledHeight / InputHeight));
        float width = box.Width * ((float)InputWidth / ScaledWidth);
        float height = box.Height * ((float)InputHeight / ScaledHeight);
        return new(x * Width, y * Height, width * Width, height * Height);
    }

    /// <summary>length · to / from, rounded down. Darknet gives 0 for a side that vanishes; here it keeps one pixel.</summary>
    private static int Scale(int length, int to, int from) => (int)Math.Clamp((long)length * to / from, 1, int.MaxValue);
}
