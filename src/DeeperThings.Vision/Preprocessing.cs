namespace DeeperThings.Vision;

/// <summary>How a picture of any size becomes the network's input.</summary>
public enum Preprocessing
{
    /// <summary>Scaled to fit, centred on grey (Darknet's <c>letterbox_image</c>).</summary>
    Letterbox,

    /// <summary>Scaled to cover, its centre cut out (Darknet's <c>resize_min</c> and <c>crop_image</c>).</summary>
    Crop,

    /// <summary>Scaled to the input's size, proportions lost (Darknet's <c>resize_image</c>).</summary>
    Stretch,

    /// <summary>The picture must have the input's size.</summary>
    None,
}
