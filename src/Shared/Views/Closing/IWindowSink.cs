namespace Lambda.Views.Closing;

/// <summary>Takes windows as they are finished.</summary>
internal interface IWindowSink
{
    /// <summary>Takes windows; the batch is used again after the call.</summary>
    void Take(WindowBatch windows);
}
