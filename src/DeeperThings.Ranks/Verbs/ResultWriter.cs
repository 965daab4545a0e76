using DeeperThings.Ranks.Options;
using DeeperThings.Execution;
using DeeperThings.Models;
using DeeperThings.Vision;

namespace DeeperThings.Ranks.Verbs;

/// <summary>On the root: puts inputs into the network and writes what comes out. One input at a time.</summary>
internal sealed class ResultWriter
{
    private readonly ModelFile _model;
    private readonly RunOptions _options;
    private readonly ClassNames _names;
    private readonly DetectionDecoder? _decoder;
    private readonly Preprocessing _preprocessing;
    private InputFile? _input;
    private InputImage? _image;
    private ImageGeometry _geometry;

    /// <exception cref="IOException">The output folder cannot be made.</exception>
    public ResultWriter(ModelFile model, RunOptions options)
    {
        _model = model;
        _options = options;
        _names = new(model.ClassNames);
        _preprocessing = options.ParsePreprocess() ?? Preprocessor.DefaultFor(model.Network);
        _decoder = model.Network.Layers.Any(layer => layer is DetectionHead)
            ? new(model.Network, _names, options.Threshold, options.Overlap)
            : null;
        Directory.CreateDirectory(options.Output);
    }

    public List<Result> Results { get; } = [];

    /// <summary>Decodes an input file into <paramref name="target"/>.</summary>
    /// <exception cref="InputException">It cannot be used.</exception>
    public void Read(InputFile input, Span<float> target)
    {
        _input = input;
        if (input.IsTensor)
        {
            Npy.Read(input.Path, _model.Network.InputShape, target);
            _geometry = ImageGeometry.Raw(_model.Network.InputShape.Columns, _model.Network.InputShape.Rows);
            return;
        }

        _image = InputImage.Load(input.Path);
        _geometry = Preprocessor.Write(_image, _preprocessing, _model.Network.InputShape, target);
    }

    /// <summary>Writes the results of the input that was read last.</summary>
    public void Write(Executor executor)
    {
        using InputImage? image = _image;
        _image = null;
        var picture = new ResultImage(_input!.Path, _geometry.Width, _geometry.Height);
        string stem = Path.Combine(_options.Output, _input.Name);
        Result result;
        if (_decoder is not null)
        {
            var detections = _decoder.Decode(_geometry, head => executor.Output(head.Index));
            result = new(picture, Detections: detections);
            if (image is not null)
            {
                Annotator.Draw(image, detections);
                image.WritePng($"{stem}.png");
            }
        }
        else
        {
            result = new(picture, Classes: Classifier.Top(executor.Output(_model.Network.Outputs[^1]), _names));
        }

        result.Write($"{stem}.json");
        Results.Add(result);
        if (_options.DumpTensor)
        {
            WriteTensors(executor, stem);
        }
    }

    /// <summary>The network's output, the last one, is NAME.npy; further ones are NAME.LAYER.npy.</summary>
    private void WriteTensors(Executor executor, string stem)
    {
        foreach (int output in _model.Network.Outputs)
        {
            string name = output == _model.Network.Outputs[^1] ? $"{stem}.npy" : $"{stem}.{output}.npy";
            Npy.Write(name, _model.Network.ShapeOf(output), executor.Output(output));
        }
    }
}
