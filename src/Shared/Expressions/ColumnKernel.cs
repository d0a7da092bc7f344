using Lambda.Events;

namespace Lambda.Expressions;

/// <summary>A compiled loop: evaluates an expression for the selected rows from <c>progress.Next</c> on, into arrays parallel to the selection.</summary>
/// <param name="batch">The columns.</param>
/// <param name="rows">Indices of rows.</param>
/// <param name="count">How many of them count.</param>
/// <param name="progress">Kept up to date before each row.</param>
/// <param name="values">Takes one value per selected row.</param>
/// <param name="nulls">Takes whether the value is null; not written by a kernel that <see cref="CompiledKernel{T}.IsNullable"/> says cannot give null.</param>
internal delegate void ColumnKernel<T>(EventBatch batch, int[] rows, int count, KernelProgress progress, T[] values, bool[] nulls);

/// <summary>A compiled expression; immutable and shared by all who evaluate it.</summary>
/// <param name="Run">The loop.</param>
/// <param name="IsNullable">Whether it can give null.</param>
/// <param name="Text">The expression in canonical form; equal kernels have equal texts.</param>
internal sealed record CompiledKernel<T>(ColumnKernel<T> Run, bool IsNullable, string Text);
