using DeeperThings.Models;
using DeeperThings.Tensors;

namespace DeeperThings.Conformance.Tests;

public class DarknetShapes
{
    public static TheoryData<string> Names => [.. SmallNetworks.All];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_layer_has_the_output_shape_that_Darknet_gives_it(string name)
    {
        SmallNetwork small = SmallNetworks.Get(name);
        using DarknetLibrary darknet = DarknetLibrary.Load(small.CfgPath, small.WeightsPath);
        Assert.Equal(small.Network.InputShape.Count, darknet.Inputs);
        Assert.Equal(small.Network.Layers.Length, darknet.Layers.Count);
        foreach (Layer layer in small.Network.Layers)
        {
            DarknetLayer theirs = darknet.Layers[layer.Index];
            Assert.True(layer.Output.Count == theirs.Outputs, $"{name}: layer {layer.Name} has output {layer.Output}, Darknet's has {theirs}");
            if (theirs.OutW != 0)
            {
                Assert.True(layer.Output == new Shape(theirs.OutC, theirs.OutH, theirs.OutW), $"{name}: layer {layer.Name} has output {layer.Output}, Darknet's has {theirs}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Synthetic_weights_keep_the_scale_of_activations_in_Darknet(string name)
    {
        SmallNetwork small = SmallNetworks.Get(name);
        using DarknetLibrary darknet = DarknetLibrary.Load(small.CfgPath, small.WeightsPath);
        darknet.Predict(SmallNetworks.Input(small.Network, seed: 7));
        foreach (Layer layer in small.Network.Layers.Where(layer => layer is WeightedLayer or Shortcut))
        {
            float[] output = darknet.Output(layer.Index);
            double scale = Math.Sqrt(output.Average(value => (double)value * value));
            Assert.True(scale is > 0.25 and < 10, $"{name}: layer {layer.Name} has a root mean square of {scale}");
        }
    }
}
