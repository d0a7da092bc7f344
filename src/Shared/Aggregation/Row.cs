namespace Lambda.Aggregation;

/// <summary>The input of an aggregate that counts rows and reads no value of them.</summary>
public readonly record struct Row;
