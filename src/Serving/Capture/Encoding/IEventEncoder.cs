using Lambda.Capture.Buffering;

namespace Lambda.Capture.Encoding;

/// <summary>Makes an event of a request, as bytes.</summary>
internal interface IEventEncoder
{
    /// <summary>Makes the event and hands it to a buffer. Safe to call from several threads at once.</summary>
    EncodingResult Encode(CapturedRequest request, CaptureBuffer buffer, int maxBytes);
}

/// <summary>What came of making an event.</summary>
internal enum EncodingResult
{
    /// <summary>The application wants none.</summary>
    NoEvent,

    Buffered,

    TooLarge,

    BufferFull,
}
