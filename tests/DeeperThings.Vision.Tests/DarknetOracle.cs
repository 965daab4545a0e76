namespace DeeperThings.Vision.Tests;

/// <summary>Darknet's image functions of 2018-09 as its formulas stand, on whole float pictures [channel][row][column].</summary>
internal sealed record DarknetOracle(int Channels, int Height, int Width, float[] Data)
{
    public float this[int channel, int y, int x]
    {
        get => Data[(((channel * Height) + y) * Width) + x];
        set => Data[(((channel * Height) + y) * Width) + x] = value;
    }

    public static DarknetOracle From(InputImage image)
    {
        DarknetOracle result = Make(3, image.Height, image.Width);
        for (int y = 0; y < image.Height; y++)
        {
            for (int x = 0; x < image.Width; x++)
            {
                (byte red, byte green, byte blue) = image[x, y];
                (result[0, y, x], result[1, y, x], result[2, y, x]) = ((float)(red / 255.0), (float)(green / 255.0), (float)(blue / 255.0));
            }
        }

        return result;
    }

    public DarknetOracle Grey()
    {
        DarknetOracle result = Make(1, Height, Width);
        float[] scale = [0.299f, 0.587f, 0.114f];
        for (int channel = 0; channel < 3; channel++)
        {
            for (int i = 0; i < Height * Width; i++)
            {
                result.Data[i] += scale[channel] * Data[(channel * Height * Width) + i];
            }
        }

        return result;
    }

    public DarknetOracle Resize(int width, int height)
    {
        DarknetOracle part = Make(Channels, Height, width);
        DarknetOracle result = Make(Channels, height, width);
        float columnScale = (float)(Width - 1) / (width - 1);
        float rowScale = (float)(Height - 1) / (height - 1);
        for (int k = 0; k < Channels; k++)
        {
            for (int r = 0; r < Height; r++)
            {
                for (int c = 0; c < width; c++)
                {
                    float sx = c * columnScale;
                    int ix = (int)sx;
                    float dx = sx - ix;
                    part[k, r, c] = c == width - 1 || Width == 1 ? this[k, r, Width - 1] : ((1 - dx) * this[k, r, ix]) + (dx * this[k, r, ix + 1]);
                }
            }

            for (int r = 0; r < height; r++)
            {
                float sy = r * rowScale;
                int iy = (int)sy;
                float dy = sy - iy;
                for (int c = 0; c < width; c++)
                {
                    result[k, r, c] = (1 - dy) * part[k, iy, c];
                    if (r != height - 1 && Height != 1)
                    {
                        result[k, r, c] += dy * part[k, iy + 1, c];
                    }
                }
            }
        }

        return result;
    }

    public DarknetOracle Letterbox(int width, int height)
    {
        (int newWidth, int newHeight) = (float)width / Width < (float)height / Height ? (width, Height * width / Width) : (Width * height / Height, height);
        DarknetOracle resized = Resize(newWidth, newHeight);
        DarknetOracle boxed = Make(Channels, height, width);
        Array.Fill(boxed.Data, 0.5f);
        for (int k = 0; k < Channels; k++)
        {
            for (int y = 0; y < newHeight; y++)
            {
                for (int x = 0; x < newWidth; x++)
                {
                    boxed[k, ((height - newHeight) / 2) + y, ((width - newWidth) / 2) + x] = resized[k, y, x];
                }
            }
        }

        return boxed;
    }

    /// <summary><c>resize_min</c> and <c>crop_image</c> to a square.</summary>
    public DarknetOracle Crop(int size)
    {
        DarknetOracle resized = Width < Height ? Resize(size, Height * size / Width) : Resize(Width * size / Height, size);
        DarknetOracle result = Make(Channels, size, size);
        for (int k = 0; k < Channels; k++)
        {
            for (int y = 0; y < size; y++)
            {
                for (int x = 0; x < size; x++)
                {
                    result[k, y, x] = resized[k, y + ((resized.Height - size) / 2), x + ((resized.Width - size) / 2)];
                }
            }
        }

        return result;
    }

    private static DarknetOracle Make(int channels, int height, int width) => new(channels, height, width, new float[channels * height * width]);
}
