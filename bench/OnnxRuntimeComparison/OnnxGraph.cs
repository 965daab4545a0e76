using System.Runtime.InteropServices;

namespace DeeperThings.Bench;

/// <summary>An ONNX graph under construction; field numbers as in <c>onnx.proto</c>.</summary>
internal sealed class OnnxGraph
{
    private const int OperatorSet = 13;
    private const int IrVersion = 8;
    private const int FloatType = 1;
    private const int Int64Type = 7;
    private const int AttributeInt = 2;
    private const int AttributeFloat = 1;
    private const int AttributeInts = 7;

    private readonly ProtoWriter _graph = new();
    private int _names;

    /// <summary>Adds an operator with one output.</summary>
    /// <param name="attributes">int, float or int[] by name.</param>
    /// <returns>The output's name.</returns>
    public string Add(string operation, string[] inputs, params (string Name, object Value)[] attributes)
    {
        string output = $"{operation}_{_names++}";
        var node = new ProtoWriter();
        foreach (string input in inputs)
        {
            node.Text(1, input);
        }

        node.Text(2, output).Text(3, output).Text(4, operation);
        foreach ((string name, object value) in attributes)
        {
            var attribute = new ProtoWriter().Text(1, name);
            switch (value)
            {
                case int number:
                    attribute.Int(3, number).Int(20, AttributeInt);
                    break;
                case float number:
                    attribute.Float(2, number).Int(20, AttributeFloat);
                    break;
                case int[] numbers:
                    foreach (int number in numbers)
                    {
                        attribute.Int(8, number);
                    }

                    attribute.Int(20, AttributeInts);
                    break;
                default:
                    throw new ArgumentException($"attribute {name} of type {value.GetType()}", nameof(attributes));
            }

            node.Message(5, attribute);
        }

        _graph.Message(1, node);
        return output;
    }

    public string Constant(float[] values, params long[] dimensions) => Constant(MemoryMarshal.AsBytes(values.AsSpan()), FloatType, dimensions);

    public string Constant(params long[] values) => Constant(MemoryMarshal.AsBytes(values.AsSpan()), Int64Type, [values.Length]);

    public void Input(string name, params long[] dimensions) => _graph.Message(11, ValueInfo(name, dimensions));

    public void Output(string name, params long[] dimensions) => _graph.Message(12, ValueInfo(name, dimensions));

    public byte[] ToModel()
    {
        _graph.Text(2, "graph");
        return new ProtoWriter().Int(1, IrVersion).Message(7, _graph).Message(8, new ProtoWriter().Text(1, string.Empty).Int(2, OperatorSet)).Written.ToArray();
    }

    private string Constant(ReadOnlySpan<byte> bytes, int type, long[] dimensions)
    {
        string name = $"constant_{_names++}";
        var tensor = new ProtoWriter();
        foreach (long dimension in dimensions)
        {
            tensor.Int(1, dimension);
        }

        _graph.Message(5, tensor.Int(2, type).Text(8, name).Bytes(9, bytes));
        return name;
    }

    private static ProtoWriter ValueInfo(string name, long[] dimensions)
    {
        var shape = new ProtoWriter();
        foreach (long dimension in dimensions)
        {
            shape.Message(1, new ProtoWriter().Int(1, dimension));
        }

        return new ProtoWriter().Text(1, name).Message(2, new ProtoWriter().Message(1, new ProtoWriter().Int(1, FloatType).Message(2, shape)));
    }
}
