namespace Lambda.Log.Embedded;

/// <summary>Keeps requests that are done for the next calls.</summary>
internal sealed class AppendRequestPool(int capacity)
{
    private readonly Stack<AppendRequest> _free = new();

    public AppendRequest Rent(StreamState stream, RecordBatch records)
    {
        AppendRequest? request;
        lock (_free)
        {
            _free.TryPop(out request);
        }

        request ??= new AppendRequest(this);
        request.Start(stream, records);
        return request;
    }

    public void Return(AppendRequest request)
    {
        lock (_free)
        {
            if (_free.Count < capacity)
            {
                _free.Push(request);
            }
        }
    }
}
