using Lambda.Views.Keys;

namespace Lambda.Testing.Shapes;

/// <summary>How the key and the results of a window are given to tests.</summary>
internal interface IRowShape<TKey, TResult>
{
    /// <summary>A key.</summary>
    TKey Key(GroupKey key);

    /// <summary>The results of a window.</summary>
    TResult Result(IReadOnlyList<object?> results);
}
