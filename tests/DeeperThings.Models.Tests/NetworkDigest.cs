using System.Security.Cryptography;
using DeeperThings.Models.Darknet;
using DeeperThings.Tensors;

namespace DeeperThings.Models.Tests;

public class NetworkDigest
{
    [Fact]
    public void It_is_the_files_and_changes_with_another_input_size()
    {
        string path = TestFiles.Debian("yolov3-tiny");
        Network own = DarknetNetwork.Load(path);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))), own.Digest);
        Assert.Equal(own.Digest, DarknetNetwork.Load(path, own.InputShape).Digest);

        Network smaller = DarknetNetwork.Load(path, new Shape(3, 96, 160));
        Assert.Equal(new Shape(255, 6, 10), smaller.Layers[23].Output);
        Assert.NotEqual(own.Digest, smaller.Digest);
        Assert.NotEqual(smaller.Digest, DarknetNetwork.Load(path, new Shape(3, 160, 96)).Digest);
        Assert.Equal(smaller.Digest, DarknetNetwork.Load(path, new Shape(3, 96, 160)).Digest);
    }
}
