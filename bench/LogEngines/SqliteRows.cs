using Microsoft.Data.Sqlite;

namespace Lambda.LogEngines;

/// <summary>SQLite in WAL mode, synchronous=FULL, one row per record.</summary>
internal sealed class SqliteRows : ILogEngine
{
    private readonly SqliteConnection _connection;
    private readonly long[] _next = new long[Workload.Partitions];

    public SqliteRows(string folder)
    {
        Directory.CreateDirectory(folder);
        _connection = new SqliteConnection($"Data Source={Path.Combine(folder, "log.db")};Pooling=False");
        _connection.Open();
        Execute("PRAGMA journal_mode=WAL");
        Execute("PRAGMA synchronous=FULL");
        Execute("CREATE TABLE log(partition INTEGER, offset INTEGER, value BLOB, PRIMARY KEY(partition, offset)) WITHOUT ROWID");
    }

    public string Name => "SQLite WAL, a row per record";

    public void AppendGroup(ReadOnlySpan<byte> group)
    {
        using SqliteTransaction transaction = _connection.BeginTransaction();
        using SqliteCommand insert = _connection.CreateCommand();
        insert.Transaction = transaction;
        insert.CommandText = "INSERT INTO log VALUES($p, $o, $v)";
        SqliteParameter p = insert.Parameters.Add("$p", SqliteType.Integer);
        SqliteParameter o = insert.Parameters.Add("$o", SqliteType.Integer);
        SqliteParameter v = insert.Parameters.Add("$v", SqliteType.Blob);
        insert.Prepare();
        var value = new byte[Workload.RecordBytes];
        v.Value = value;
        for (int i = 0; i < Workload.GroupRecords; i++)
        {
            int partition = i % Workload.Partitions;
            group.Slice(i * Workload.RecordBytes, Workload.RecordBytes).CopyTo(value);
            p.Value = partition;
            o.Value = _next[partition]++;
            insert.ExecuteNonQuery();
        }

        transaction.Commit();
    }

    public (long Records, long Checksum) Scan()
    {
        long records = 0;
        long checksum = 0;
        using SqliteCommand select = _connection.CreateCommand();
        select.CommandText = "SELECT offset, value FROM log ORDER BY partition, offset";
        using SqliteDataReader reader = select.ExecuteReader();
        while (reader.Read())
        {
            byte[] value = reader.GetFieldValue<byte[]>(1);
            checksum += (reader.GetInt64(0) & 1) + value[0];
            records++;
        }

        return (records, checksum);
    }

    public void Dispose() => _connection.Dispose();

    private void Execute(string sql)
    {
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
