namespace DeeperThings.Mpi;

/// <summary>Open operations in the order of posting. Not synchronised: its mailbox is.</summary>
internal sealed class OperationQueue
{
    private Operation? _first;
    private Operation? _last;

    public void Append(Operation operation)
    {
        operation.Next = null;
        if (_last is null)
        {
            _first = operation;
        }
        else
        {
            _last.Next = operation;
        }

        _last = operation;
    }

    /// <summary>Takes out the oldest operation with that source and tag.</summary>
    public Operation? TakeFirst(int source, int tag)
    {
        Operation? before = null;
        for (Operation? operation = _first; operation is not null; before = operation, operation = operation.Next)
        {
            if (operation.Source == source && operation.Tag == tag)
            {
                Unlink(before, operation);
                return operation;
            }
        }

        return null;
    }

    public void Remove(Operation wanted)
    {
        Operation? before = null;
        for (Operation? operation = _first; operation is not null; before = operation, operation = operation.Next)
        {
            if (operation == wanted)
            {
                Unlink(before, operation);
                return;
            }
        }
    }

    public void Clear() => _first = _last = null;

    private void Unlink(Operation? before, Operation operation)
    {
        if (before is null)
        {
            _first = operation.Next;
        }
        else
        {
            before.Next = operation.Next;
        }

        if (_last == operation)
        {
            _last = before;
        }
    }
}
