namespace Lambda.Events;

/// <summary>What a member of an event is, as to its columns.</summary>
internal enum MemberKind
{
    /// <summary>A plain value, with a column of values.</summary>
    Value,

    /// <summary>An object with members of its own; its column says where it is null.</summary>
    Object,

    /// <summary>An array or list; its column says where the elements of each row lie.</summary>
    List,
}
