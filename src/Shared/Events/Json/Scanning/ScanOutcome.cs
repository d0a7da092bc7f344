namespace Lambda.Events.Json.Scanning;

/// <summary>What became of a record that was scanned.</summary>
internal enum ScanOutcome
{
    /// <summary>Its values are set.</summary>
    Taken,

    /// <summary>Its members or white space are other than expected.</summary>
    OtherShape,

    /// <summary>A value needs the full decoder: to be read, or to be refused.</summary>
    OtherValue,
}
